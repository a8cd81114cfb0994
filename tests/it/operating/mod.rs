//! Looking after a node: its settings, certificates, numbers, complaints, proxies and its end.

mod certificates;
mod doctor;
mod elsewhere;
mod numbers;
mod proxy;
mod serving;
mod settings;
mod stopping;
