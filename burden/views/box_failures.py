"""What is said when a page of the desk fails: where, and nothing of what was in memory just then."""

import traceback
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse

from branches.access import SignedInRequest

P = ParamSpec("P")
DeskView = Callable[Concatenate[SignedInRequest, P], HttpResponse]


class DeskFailed(Exception):
    """A page that held letters or a passphrase failed; `str` names the kind of error and its line."""


def told_bare(view: DeskView[P]) -> DeskView[P]:
    """Mails about errors and their collectors show the variables of every frame an error passed.

    So another error goes on, one that begins here and knows nothing of the first but its place.
    """

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Http404, PermissionDenied):
            raise
        except Exception as reason:  # whatever it is, its frames hold words nobody else may read
            place = _place_of(reason)
        raise DeskFailed(place)

    return guarded


def _place_of(reason: Exception) -> str:
    last = traceback.extract_tb(reason.__traceback__)[-1]
    return f"{type(reason).__name__} at {last.filename}:{last.lineno}"
