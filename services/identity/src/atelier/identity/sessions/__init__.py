"""Sessions: logins that go on, by refresh tokens that work once each."""
