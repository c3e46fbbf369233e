//! Whole cycles against the models, with faults between: what is on record afterwards, and who is told of what.

mod given_up;
mod interrupted;
mod stage;
mod treatments;
