"""Rules for passwords people choose, where Django has no Chinese sentence for them."""

from django.contrib.auth.password_validation import MinimumLengthValidator


class LengthValidator(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"密码至少 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return self.get_error_message()
