"""What the tests share: makers of policy sets, enumeration, places. Holds no test."""
