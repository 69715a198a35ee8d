"""What tests of generation share: drawings, requests and facts, a stand-in of media."""
