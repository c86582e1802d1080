"""The one answer a practised entry takes."""

from django import forms

from errorbank.rules.practice import Remembered


class RateForm(forms.Form):
    remembered = forms.ChoiceField(choices=Remembered.choices)
