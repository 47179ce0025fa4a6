//! The tools: one that answers at once, and one that does what the world tells it.

use mcp_tower::{Context, LogLevel, Principal, Server, State, mcp_tool};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, Weak},
};
use tokio::sync::mpsc;

/// What a handler is told to do; texts tell one from another.
#[derive(Debug)]
pub(crate) enum Command {
    Say(String),
    Whisper(String),
    Ask(String),
    Finish,
}

/// Handlers that have been announced and have not begun.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handlers(Arc<Mutex<HashMap<String, Inside>>>);

/// What a handler holds while it runs.
#[derive(Debug)]
struct Inside {
    commands: mpsc::UnboundedReceiver<Command>,
    _alive: Arc<()>,
}

/// What the world holds of a handler.
#[derive(Debug)]
pub(crate) struct Handler {
    commands: mpsc::UnboundedSender<Command>,
    alive: Weak<()>,
}

impl Handlers {
    /// Announces the handler of a call.
    pub(crate) fn announce(&self, label: &str) -> Handler {
        let (sender, commands) = mpsc::unbounded_channel();
        let alive = Arc::new(());
        let handler = Handler {
            commands: sender,
            alive: Arc::downgrade(&alive),
        };
        let inside = Inside {
            commands,
            _alive: alive,
        };
        self.0.lock().unwrap().insert(label.to_owned(), inside);
        handler
    }

    fn begin(&self, label: &str) -> Inside {
        let inside = self.0.lock().unwrap().remove(label);
        inside.expect("a call runs once")
    }
}

impl Handler {
    pub(crate) fn tell(&self, command: Command) {
        self.commands.send(command).expect("the handler runs");
    }

    /// Whether it has neither returned nor been dropped.
    pub(crate) fn is_alive(&self) -> bool {
        self.alive.strong_count() > 0
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Name {
    name: String,
}

/// Say who calls.
#[mcp_tool]
async fn echo(principal: Principal) -> String {
    format!("echo {}", principal.subject().unwrap())
}

/// Do what the world says, and tell whose call it is with every word.
#[mcp_tool]
async fn work(
    label: String,
    principal: Principal,
    State(handlers): State<Handlers>,
    cx: Context,
) -> String {
    let who = principal.subject().unwrap();
    let mut inside = handlers.begin(&label);
    while let Some(command) = inside.commands.recv().await {
        match command {
            Command::Say(text) => cx.log(LogLevel::Error, &format!("{who} {text}")).await,
            Command::Whisper(text) => cx.log(LogLevel::Debug, &format!("{who} {text}")).await,
            Command::Ask(text) => {
                let asked: Result<Name, _> = cx.elicit(text.clone(), format!("{who} {text}")).await;
                let heard = match asked {
                    Ok(answer) => format!("{who} heard {} for {text}", answer.name),
                    Err(_) => format!("{who} heard nothing for {text}"),
                };
                cx.log(LogLevel::Error, &heard).await;
            }
            Command::Finish => break,
        }
    }
    format!("{who} {label} is done")
}

pub(crate) fn server(handlers: Handlers) -> Server {
    Server::builder("model", "1")
        .state(handlers)
        .tool(echo)
        .tool(work)
        .build()
}
