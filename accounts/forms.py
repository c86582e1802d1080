"""Sign-in, passwords and the look of one's own pages."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, password_validation
from django.http import HttpRequest

from accounts.actions import AccountRefusal, change_password
from accounts.context_processors import Theme
from accounts.models import User
from accounts.validators import profile_in_use

TRIES_WORTH_A_WARNING = 2


def _helper(label: str) -> FormHelper:
    helper = FormHelper()
    helper.add_input(Submit("submit", label, css_id="submit", css_class="btn-wide"))
    return helper


def _password_field(label: str, *, autocomplete: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=128, widget=widget, help_text=help_text)


class CheckedPasswordForm(forms.Form):
    """Base of forms that check a password through the lockout (never `check_password` alone)."""

    wrong = ""

    def __init__(self, data: Any = None, *, request: HttpRequest) -> None:
        super().__init__(data)
        self.request = request
        self.user: User | None = None
        self.refused = False

    def check(self, username: str, password: str) -> User | None:
        """Return the account, or None and a form error saying how many tries are left."""
        found = authenticate(self.request, username=username, password=password)
        if found is None:
            self.refused = True
            self.add_error(None, self.wrong + self._tries_left())
        return found if isinstance(found, User) else None

    def _tries_left(self) -> str:
        failed = getattr(self.request, "axes_failures_since_start", None) or 0
        left: int = settings.AXES_FAILURE_LIMIT - failed
        return f"再输错 {left} 次将暂停登录一段时间。" if 0 < left <= TRIES_WORTH_A_WARNING else ""


class LoginForm(CheckedPasswordForm):
    wrong = "登录名或密码不对，请核对后再试。"

    username = forms.CharField(
        label="登录名",
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    password = _password_field("密码", autocomplete="current-password")

    helper = _helper("登录")

    def clean_username(self) -> str:
        """One spelling for the lockout too, or every case variant would get its own tries."""
        return User.normalize_username(self.cleaned_data["username"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "username" in data and "password" in data:
            self.user = self.check(data["username"], data["password"])
        return data


class PasswordConfirmForm(CheckedPasswordForm):
    wrong = "密码不对，请再试一次。"

    password = _password_field("当前密码", autocomplete="current-password")

    helper = _helper("继续")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "password" in data:
            self.user = self.check(self.request.user.get_username(), data["password"])
        return data


class PasswordChangeForm(CheckedPasswordForm):
    """Two times the new password; the old one too, unless a first password brought the person here."""

    wrong = "原密码不对，请再试一次。"

    old_password = _password_field("原密码", autocomplete="current-password")
    new_password = _password_field(
        "新密码",
        autocomplete="new-password",
        help_text="至少 10 个字符，不能全是数字，不要用姓名、登录名或常见密码。",
    )
    repeated = _password_field("再输入一次新密码", autocomplete="new-password")

    helper = _helper("保存新密码")

    def __init__(self, data: Any = None, *, request: HttpRequest, owner: User) -> None:
        super().__init__(data, request=request)
        self.owner = owner
        if owner.must_change_password:
            del self.fields["old_password"]
        if kinds := profile_in_use().kinds:
            asked = f"至少 10 个字符，大写字母、小写字母、数字、符号至少要有 {kinds} 种，"
            self.fields["new_password"].help_text = asked + "不要用姓名、登录名或常见密码。"

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        password_validation.validate_password(password, self.owner)
        return password

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "new_password" in data and data.get("repeated") != data["new_password"]:
            self.add_error("repeated", "两次输入的新密码不一致。")
        if not self.errors and "old_password" in self.fields:
            self.check(self.owner.username, data["old_password"])
        return data

    def save(self) -> bool:
        """Change the password; False with a form error when the action refuses."""
        try:
            change_password(self.owner, password=self.cleaned_data["new_password"])
        except AccountRefusal as refusal:
            self.add_error("new_password", str(refusal))
            return False
        return True


class DisplayForm(forms.Form):
    theme = forms.ChoiceField(label="明暗", choices=Theme.choices, widget=forms.RadioSelect)
    large = forms.BooleanField(label="大字模式", required=False, help_text="全部文字放大约四分之一。")

    helper = _helper("保存显示设置")
