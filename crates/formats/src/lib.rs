//! Bytes to Facts and back: STIX, TAXII, plain lists. Pure functions.
