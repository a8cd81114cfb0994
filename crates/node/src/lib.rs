//! The exchange itself: accept, close, sign, number, release, link, watch. No sockets, no clock.
