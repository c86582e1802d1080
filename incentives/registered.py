"""What registers itself when it is imported: subjects of public notices, measures for the annual record."""

from incentives.actions import honours as honours
from incentives.actions import levels as levels
from incentives.queries import satisfaction as satisfaction
