//! JavaScript rules in the real worker process: what they see, and what they cannot do.

mod hostile;
mod lacking;
mod moments;
mod sees;
mod world;
