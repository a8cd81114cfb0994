//! Values in, matches out; knows no partner, no file, no time of day.
