"""Says in words why a wiki refuses to save a page; the codes are those of MediaWiki's API and of its common extensions."""

from __future__ import annotations

_LOGIN = "set OCCI_WIKI_USERNAME and OCCI_WIKI_PASSWORD to a bot password of an account that may (Special:BotPasswords)"
_PROTECTED = "The page is protected, and this account may not edit it: ask an administrator of the wiki, or name another page"
_NOT_ALLOWED = f"The wiki does not let this account edit: {_LOGIN}, with the right to edit pages"
_NOT_CREATED = (
    f"The wiki does not let this account make new pages: {_LOGIN}, or let somebody make the page first"
)
_CAPTCHA = f"The wiki asks for a captcha, which no program can answer: {_LOGIN} and need not answer one"
_FILTER = "A filter of the wiki against spam or vandalism refuses the text: ask an administrator of the wiki to let this account pass"
_BLOCKED = "The account or the address is blocked in this wiki; its administrators can say why"

_WORDS = {
    "editconflict": "Somebody saved the page at the same time",
    "articleexists": "Somebody made the page at the same time",
    "missingtitle": "Somebody deleted the page in between; publish again",
    "pagedeleted": "Somebody deleted the page in between; publish again",
    "protectedpage": _PROTECTED,
    "cascadeprotected": _PROTECTED,
    "protectednamespace": _PROTECTED,
    "protectednamespace-interface": _PROTECTED,
    "protectedtitle": "Pages of this title may not be made in this wiki: ask an administrator, or name another page",
    "noedit": _NOT_ALLOWED,
    "noedit-anon": _NOT_ALLOWED,
    "permissiondenied": _NOT_ALLOWED,
    "writeapidenied": _NOT_ALLOWED,
    "noapiwrite": "The wiki's API does not write; ask those who run the wiki",
    "readapidenied": f"The wiki shows its pages to its members only: {_LOGIN}",
    "cantcreate": _NOT_CREATED,
    "cantcreate-anon": _NOT_CREATED,
    "nocreate-loggedin": _NOT_CREATED,
    "blocked": _BLOCKED,
    "autoblocked": _BLOCKED,
    "readonly": "The wiki can only be read at the moment",
    "ratelimited": "The wiki takes no more edits of this account for now; wait some minutes and publish again",
    "maxlag": "The wiki is too busy; wait some minutes and publish again",
    "assertuserfailed": "The wiki has ended the login; publish again",
    "badtoken": "The wiki has lost the login's session; publish again, and where that does not help ask those who run the wiki",
    "contenttoobig": "The page would be larger than the wiki allows; name a page of its own for the matrix",
    "captcha": _CAPTCHA,
    "spamblacklist": _FILTER,
    "spamdetected": _FILTER,
    "hookaborted": "An extension of the wiki refuses the text; ask an administrator of the wiki",
}


def worded(code: str, said: str) -> str:
    """Returns the sentence for a code of the API, with the wiki's own words behind it where they may help."""
    if code.startswith("abusefilter"):
        words = _FILTER
    else:
        words = _WORDS.get(code, "The wiki refuses; its words may say what to do")
    return f"{words} (the wiki says: {said})" if said else words
