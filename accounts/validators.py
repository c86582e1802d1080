"""Rules for passwords people choose, where Django has no Chinese sentence for them."""

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

from accounts.policy import PASSWORD_PROFILES, PasswordProfile


def profile_in_use() -> PasswordProfile:
    return PASSWORD_PROFILES[settings.PASSWORD_PROFILE]


class LengthValidator(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"密码至少 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return self.get_error_message()


class KindsValidator:
    """Of capital letters, small letters, digits and signs at least so many kinds.

    Letters without case, such as Chinese ones, count as signs.
    """

    def __init__(self, kinds: int = 3) -> None:
        self.kinds = kinds

    def validate(self, password: str, user: Any = None) -> None:
        if len({_kind(sign) for sign in password}) < self.kinds:
            raise ValidationError(self.get_help_text(), code="password_too_few_kinds")

    def get_help_text(self) -> str:
        return f"密码要有大写字母、小写字母、数字、符号中的至少 {self.kinds} 种，请再加上一种。"


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    return "capital" if sign.isupper() else "small" if sign.islower() else "sign"
