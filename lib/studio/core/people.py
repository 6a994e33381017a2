"""What records call somebody who did something."""

from __future__ import annotations

from lib.roles import KEEPER, Person, is_keepers_name
from lib.studio.core.reasons import Called
from lib.studio.core.typed_text import one_line
from lib.studio.core.wording import called

LONGEST = 255
"""Characters that the records have room for."""


def recorded_as(person: Person) -> str:
    """The label of a person, fit to be stored; "" for one without a name.

    What is decided by the keeper's label later on is decided for the keeper alone: no sign that is
    taken out here, and no other case, makes another person's label the same.
    """
    label = one_line(person.label, LONGEST)
    if person is not KEEPER and is_keepers_name(label):
        return called(Called.NOT_THE_KEEPER)
    return label
