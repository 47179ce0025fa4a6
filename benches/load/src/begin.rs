//! From the start of a process to its first answer.

use crate::{
    Outcome,
    answer::Connection,
    request::{Era, Kind, Prepared},
    samples::{Samples, micros},
};
use serde::{Deserialize, Serialize};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

#[derive(Deserialize)]
pub(crate) struct Spec {
    command: Vec<String>,
    times: usize,
    kind: Kind,
    #[serde(default)]
    era: Era,
    #[serde(default)]
    tools: usize,
    #[serde(default = "yes")]
    check_id: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize)]
pub(crate) struct Figures {
    p50_us: f64,
    all_us: Vec<f64>,
}

pub(crate) async fn begin(spec: Spec) -> Outcome<Figures> {
    let mut samples = Samples::default();
    let mut all = Vec::new();
    for _ in 0..spec.times {
        let took = once(&spec).await?;
        samples.add(took);
        all.push(micros(took));
    }
    samples.sort();
    Ok(Figures {
        p50_us: samples.at(500),
        all_us: all,
    })
}

async fn once(spec: &Spec) -> Outcome<u64> {
    let mut request = Prepared::new(spec.kind, spec.era, None).checked(spec.tools, spec.check_id);
    let (program, arguments) = spec.command.split_first().ok_or("no command")?;
    let began = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()?;
    let answered = first_answer(&mut child, &mut request).await;
    let took = began.elapsed().as_nanos();
    child.kill()?;
    child.wait()?;
    answered?;
    Ok(took.try_into()?)
}

async fn first_answer(child: &mut std::process::Child, request: &mut Prepared) -> Outcome<()> {
    let output = child.stdout.take().ok_or("no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let mut connection = Connection::open(line.trim().parse()?).await?;
    let answer = connection.ask(request.next()).await?;
    request.check(&answer)
}
