"""Log-in, second factor and single sign-on come from allauth; what we close is tested apart."""

OUTSIDE = {"accounts/": "pages of allauth: tests/backend/accounts/test_login.py"}
