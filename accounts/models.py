"""Who may sign in, and the log of signing in. Knows no other app."""

import unicodedata
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.sessions import OwnSession
from accounts.validators import profile_in_use

__all__ = ["EarlierPassword", "ExclusiveDuty", "OwnSession", "SignIn", "User"]

USERNAME_PATTERN = RegexValidator(r"^[\w.-]+\Z", "登录名只用文字、数字、点、横线或下划线。")


class ExclusiveDuty(models.TextChoices):
    """Duties of which nobody holds two: who runs the portal, who checks it, who reads the sealed letters."""

    ADMINISTRATOR = "administrator", "系统管理员"
    AUDITOR = "auditor", "审计员"
    RECIPIENT = "recipient", "匿名直通车受理人"


class UserManager(BaseUserManager["User"]):
    """Makes accounts; finds them whatever the case of the typed name."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make an ordinary account; without a password nobody can sign in with it yet."""
        username = self.model.normalize_username(username)
        if not username:
            raise ValueError("An account needs a username.")
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make an administrator: all permissions, short sessions."""
        flags: dict[str, Any] = {"is_staff": True, "is_superuser": True, "short_session": True}
        flags["exclusive_duty"] = ExclusiveDuty.ADMINISTRATOR
        return self.create_user(username, password, **{**fields, **flags})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=self.model.normalize_username(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """An account. What it may do comes from posts and grants, one floor up."""

    username = models.CharField(
        "登录名",
        max_length=64,
        unique=True,
        validators=[USERNAME_PATTERN],
        error_messages={"unique": "这个登录名已有人使用。"},
    )
    name = models.CharField("姓名", max_length=64)
    is_active = models.BooleanField("启用", default=True)
    is_staff = models.BooleanField("可进后台", default=False)
    must_change_password = models.BooleanField("须先改密码", default=False)
    password_set_at = models.DateTimeField("密码设置时间", default=timezone.now, editable=False)
    short_session = models.BooleanField("短会话", default=False)
    # One column, so that no two of them fit into one account; it is set with the post of that name, and
    # such a post opens nothing while the column says otherwise.
    exclusive_duty = models.CharField(
        "专职", max_length=16, blank=True, default="", choices=ExclusiveDuty, editable=False
    )
    session_epoch = models.PositiveIntegerField("会话批次", default=0)
    # Set with a row of factors.Authenticator, so that the door asks no second table.
    second_factor_since = models.DateTimeField("动态码验证设置时间", null=True, blank=True, editable=False)
    date_joined = models.DateTimeField("建立时间", default=timezone.now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [
            # With the unique index this makes names unique whatever their case.
            models.CheckConstraint(
                name="user_username_lower", condition=models.Q(username=Lower("username"))
            ),
            models.CheckConstraint(
                name="user_one_exclusive_duty",
                condition=models.Q(exclusive_duty__in=["", *sorted(ExclusiveDuty.values)]),
            ),
            models.CheckConstraint(
                name="user_superuser_administers",
                condition=models.Q(is_superuser=False) | models.Q(exclusive_duty=ExclusiveDuty.ADMINISTRATOR),
            ),
        ]

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return unicodedata.normalize("NFKC", username).strip().lower()

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_set_at = timezone.now()

    @property
    def password_days_left(self) -> int | None:
        """Days until the password must be changed; None where it never must for its age."""
        return profile_in_use().days_left(self.password_set_at, now=timezone.now())

    @property
    def owes_password(self) -> bool:
        """Whether nothing but the password page is open: a first password, or one that is too old."""
        return self.must_change_password or self.password_days_left == 0

    def get_session_auth_hash(self) -> str:
        """Hash that every session carries; a new password or a higher epoch ends them all."""
        return self._epoch_hash(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Any:
        for value in super().get_session_auth_fallback_hash():
            yield self._epoch_hash(value)

    def _epoch_hash(self, value: str) -> str:
        return salted_hmac(
            "accounts.session_epoch", f"{value}:{self.session_epoch}", algorithm="sha256"
        ).hexdigest()


class EarlierPassword(models.Model):
    """The hash of a password that was used before; kept only where the profile asks for it."""

    user = models.ForeignKey(
        User, verbose_name="账号", on_delete=models.CASCADE, related_name="earlier_passwords"
    )
    password = models.CharField("密码摘要", max_length=128)
    until = models.DateTimeField("用到", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Rows are only added; they leave by age alone."""

    def update(self, **fields: Any) -> int:
        raise TypeError("The sign-in log is append-only.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("The sign-in log is append-only.")

    def of(self, user: User) -> Self:
        return self.filter(user=user).order_by("-at", "-pk")

    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment)

    def forget_before(self, moment: datetime) -> int:
        """Delete what is older; the caller knows the retention. Returns how many rows."""
        return models.QuerySet.delete(self.filter(at__lt=moment))[0]


class SignIn(models.Model):
    """One attempt to get in, or one leaving; see docs/adr/0002-sign-in-log.md."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "登录成功"
        REFUSED = "refused", "登录名或密码不对"
        LOCKED = "locked", "已暂时锁定"
        LEFT = "left", "退出"
        EXPIRED = "expired", "超时退出"
        CONFIRMED = "confirmed", "再次确认密码"
        NOT_CONFIRMED = "not_confirmed", "确认密码不对"
        PASSWORD_CHANGED = "password_changed", "本人修改密码"
        PASSWORD_RIGHT = "password_right", "密码正确，待动态码"
        CODE_RIGHT = "code_right", "动态码正确，登录成功"
        CODE_WRONG = "code_wrong", "动态码不对"
        ENDED_ELSEWHERE = "ended_elsewhere", "结束其他设备的登录"
        RECOVERY_USED = "recovery_used", "备用码正确，登录成功"

    user = models.ForeignKey(
        User, verbose_name="账号", on_delete=models.PROTECT, related_name="sign_ins", null=True, blank=True
    )
    # Keyed digest of a name nobody has: people type passwords into the name field.
    unknown_name = models.CharField("未知登录名摘要", max_length=64, blank=True)
    outcome = models.CharField("结果", max_length=16, choices=Outcome.choices)
    source = models.GenericIPAddressField("来源地址", null=True, blank=True)
    at = models.DateTimeField("时间", default=timezone.now, db_index=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录记录"
        constraints = [
            models.CheckConstraint(
                name="sign_in_known_or_digest",
                condition=models.Q(user__isnull=False, unknown_name="")
                | (models.Q(user__isnull=True) & ~models.Q(unknown_name="")),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The sign-in log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The sign-in log is append-only.")
