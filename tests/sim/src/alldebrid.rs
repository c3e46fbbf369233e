//! (model of alldebrid)
