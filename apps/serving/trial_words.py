"""What is said of an endpoint that could not be asked: what is so, and what to do about it."""

from django.utils.translation import gettext as _

from apps.serving.faults import Fault
from apps.serving.kinds import Kind


def words_of(fault: str, *, kind: str, host: str, said: str) -> tuple[str, str]:
    """Return two sentences: what is so, and what to do. `said`: the error as the client words it, for causes not listed."""
    sentences = _connection(host) | _refusal(kind)
    if fault in sentences:
        return sentences[Fault(fault)]
    return said, _("Try again; if it stays so, look into the log of the endpoint.")


def _connection(host: str) -> dict[Fault, tuple[str, str]]:
    at = {"host": host}
    return {
        Fault.NAME: (
            _("The name %(host)s leads nowhere.") % at,
            _("Check its spelling, and whether this server can resolve it."),
        ),
        Fault.NOBODY: (
            _("Nobody answers at %(host)s.") % at,
            _("Check the port, whether the server runs, and whether a firewall lies between."),
        ),
        Fault.TIMEOUT: (
            _("%(host)s did not answer in time.") % at,
            _("A firewall often drops connections like this. Allow this server to reach it."),
        ),
        Fault.CERTIFICATE: (
            _("The certificate of %(host)s is not trusted.") % at,
            _("Name the certificate of your authority in SSL_CERT_FILE, or correct the certificate of the server."),
        ),
        Fault.TLS: (
            _("%(host)s does not speak TLS as expected.") % at,
            _("Check whether the address begins with https:// where it should be http://, or the other way round."),
        ),
        Fault.ADDRESS: (
            _("%(host)s leads to an address inside, where endpoints may not lead.") % at,
            _("The operator allows hosts and networks inside with TOULMIN_LLM_PRIVATE_ADDRESSES."),
        ),
        Fault.REDIRECT: (
            _("%(host)s sends elsewhere, and nobody is followed there.") % at,
            _("Give the address that it sends to, if you trust it."),
        ),
    }


def _refusal(kind: str) -> dict[Fault, tuple[str, str]]:
    azure = kind == Kind.AZURE
    return {
        Fault.KEY: (
            _("The key is not accepted."),
            _("Copy the key again from the page of the resource in Azure, Keys and Endpoint.")
            if azure
            else _("Copy the key again from where it was issued."),
        ),
        Fault.RIGHTS: (
            _("The key is known, but may not do this."),
            _(
                "Give the application the role Cognitive Services OpenAI User or Azure AI User, and check the networks allowed."
            )
            if azure
            else _("Check the rights of the key and whether this server's address is allowed."),
        ),
        Fault.MODEL: (
            _("There is no deployment of this name.") if azure else _("The endpoint does not know this model."),
            _("Give the name of the deployment, not that of the model, as the portal shows it.")
            if azure
            else _("Give the name exactly as the endpoint lists it."),
        ),
        Fault.PLACE: (
            _("The host answers, but not at this address."),
            _("Copy the whole target address of the deployment from the portal, with its api-version.")
            if azure
            else _("The address usually ends in /v1."),
        ),
        Fault.VERSION: (
            _("The api-version is not accepted."),
            _("Use 2024-10-21 for addresses with /deployments/, 2024-05-01-preview for /models, none for /openai/v1."),
        ),
        Fault.FIELD: (
            _("The endpoint refuses a field of the request."),
            _("Check that the kind of the endpoint is right. Its own words are below."),
        ),
        Fault.BUSY: (
            _("The endpoint takes no more requests now."),
            _("Check the quota, or wait a minute and test again."),
        ),
        Fault.BROKEN: (
            _("The endpoint has an error of its own."),
            _("Wait a minute and test again; then look into its log."),
        ),
        Fault.FORM: (
            _("Something answers, but not in the form of OpenAI."),
            _("Check that the address is that of the interface, not of a web page."),
        ),
    }
