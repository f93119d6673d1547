"""Who is asking."""

import hmac
import os

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

bearer = HTTPBearer()


class Resident(BaseModel):
    """A signed-in resident."""

    id: str


def current_resident(credentials: HTTPAuthorizationCredentials = Depends(bearer)) -> Resident:
    """The resident that the bearer token names."""
    resident, _, signature = credentials.credentials.partition(".")
    expected = hmac.digest(os.environ["TOKEN_KEY"].encode(), resident.encode(), "sha256").hex()
    if not hmac.compare_digest(signature, expected):
        raise HTTPException(status_code=401)
    return Resident(id=resident)
