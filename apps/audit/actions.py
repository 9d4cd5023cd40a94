"""The closed list of audited actions. A value, once released, is a contract with whoever reads exports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    SIGNED_IN = "session.signed_in", _("Signed in")
    SIGN_IN_FAILED = "session.sign_in_failed", _("Sign-in refused")
    SIGNED_OUT = "session.signed_out", _("Signed out")

    USER_CREATED = "user.created", _("Added a person")
    USER_CHANGED = "user.changed", _("Changed a person’s roles")
    TOKEN_ISSUED = "token.issued", _("Issued a token")
    TOKEN_REVOKED = "token.revoked", _("Revoked a token")
    GROUP_CREATED = "group.created", _("Added a group")
    GROUP_CHANGED = "group.changed", _("Changed a group")
    GROUP_DELETED = "group.deleted", _("Deleted a group")

    COLLECTION_CREATED = "collection.created", _("Created a collection")
    COLLECTION_CHANGED = "collection.changed", _("Changed a collection")
    COLLECTION_DELETED = "collection.deleted", _("Deleted a collection")
    ACCESS_GRANTED = "access.granted", _("Granted access")
    ACCESS_REVOKED = "access.revoked", _("Revoked access")

    DOCUMENT_UPLOADED = "document.uploaded", _("Added a document")
    DOCUMENT_READ = "document.read", _("Finished reading a document")
    DOCUMENT_FAILED = "document.failed", _("Could not read a document")
    DOCUMENT_CHANGED = "document.changed", _("Changed a document’s details")
    DOCUMENT_REPROCESSED = "document.reprocessed", _("Had a document read again")
    DOCUMENT_CANCELLED = "document.cancelled", _("Stopped the reading of a document")
    DOCUMENT_MOVED = "document.moved", _("Moved a document to another collection")
    DOCUMENT_NARROWED = "document.narrowed", _("Narrowed who may read a document")
    DOCUMENT_OPENED_TO_ALL = "document.opened_to_all", _("Opened a document to all readers of its collection")
    DOCUMENT_IN_FORCE = "document.in_force", _("Brought a version into force")
    DOCUMENT_PASSWORD_GIVEN = "document.password_given", _("Gave the password of a document")
    DOCUMENT_DELETED = "document.deleted", _("Deleted a document")
    DOCUMENT_PURGED = "document.purged", _("Checked that nothing of what was deleted is left")
    DOCUMENT_DOWNLOADED = "document.downloaded", _("Downloaded an original")

    SEARCHED = "search.run", _("Searched")
    QUESTION_ASKED = "question.asked", _("Asked a question")
    ANSWER_FINISHED = "answer.finished", _("Was answered")
    ANSWER_FAILED = "answer.failed", _("Got no answer")
    ANSWER_CANCELLED = "answer.cancelled", _("Stopped an answer")
    ANSWER_EXPORTED = "answer.exported", _("Took an answer out as a file")
    FEEDBACK_GIVEN = "feedback.given", _("Gave feedback")
    FEEDBACK_WITHDRAWN = "feedback.withdrawn", _("Took feedback back")

    AUDIT_LISTED = "audit.listed", _("Looked through the records")
    AUDIT_OPENED = "audit.opened", _("Opened a record")
    AUDIT_VERIFIED = "audit.verified", _("Verified the chain")

    INDEX_BUILT = "index.built", _("Built an index")
    INDEX_SWITCHED = "index.switched", _("Had searches read another index")
    INDEX_DROPPED = "index.dropped", _("Removed an index")

    GOLDEN_SET_CREATED = "golden_set.created", _("Made a golden set")
    GOLDEN_SET_CHANGED = "golden_set.changed", _("Changed a golden set")
    GOLDEN_SET_DELETED = "golden_set.deleted", _("Deleted a golden set")
    EVALUATION_STARTED = "evaluation.started", _("Had search measured")
    ANSWERS_EVALUATED = "evaluation.answers_started", _("Had answers measured")
    ANSWERS_EVALUATION_CANCELLED = "evaluation.answers_cancelled", _("Stopped a measurement of answers")
    EVALUATION_CANCELLED = "evaluation.cancelled", _("Stopped a measurement of search")
    CONFIGURATION_MADE_LIVE = "configuration.made_live", _("Changed how searches are run")
    CONFIGURATION_OVERRIDDEN = "configuration.overridden", _("Changed how searches are run in spite of a bar")

    ENDPOINT_ADDED = "endpoint.added", _("Added an endpoint")
    ENDPOINT_CHANGED = "endpoint.changed", _("Changed an endpoint")
    ENDPOINTS_ORDERED = "endpoint.ordered", _("Changed the order in which endpoints are asked")
    ENDPOINT_TESTED = "endpoint.tested", _("Tested an endpoint")
    ENDPOINTS_RESEALED = "endpoint.resealed", _("Sealed the keys of endpoints under the present secret key")
    ENDPOINT_REMOVED = "endpoint.removed", _("Removed an endpoint")

    BUDGET_CREATED = "budget.created", _("Set a budget")
    BUDGET_CHANGED = "budget.changed", _("Changed a budget")
    BUDGET_DELETED = "budget.deleted", _("Removed a budget")
    MATTER_CREATED = "matter.created", _("Listed a matter")
    MATTER_CHANGED = "matter.changed", _("Changed a matter")

    SAMPLES_LOADED = "installation.samples_loaded", _("Loaded the sample collection")
