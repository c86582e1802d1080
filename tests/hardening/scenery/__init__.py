"""Objects in the state each page asks for, so that its row says more than “not there” to everybody."""

from django.urls import reverse

from tests.hardening.scenery.branches import of_branches
from tests.hardening.scenery.ground import of_the_ground
from tests.hardening.scenery.people import of_people
from tests.hardening.scenery.work import of_the_work
from tests.hardening.scenery.world import World

# What a page asks for besides its place-holders.
ASKED = {
    "errorbank:figure_list": "?figure=own",
    "incentives:appeal_add": "?year=2025",
}


def scenery(world: World) -> dict[str, str]:
    """URL name → address of an object made for it."""
    places = of_branches(world) | of_the_ground(world) | of_the_work(world) | of_people(world)
    found = {name: reverse(name, kwargs=kwargs) for name, kwargs in places.items()}
    return found | {name: reverse(name) + query for name, query in ASKED.items()}
