mod forms;
mod keys;
mod merge;
