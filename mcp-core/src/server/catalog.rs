//! Everything a server offers, as one immutable value.

use super::{
    Entry, Item, Settings,
    access::Visible,
    completion::Completer,
    header_params,
    list::{Put, Replace, Table},
};
use crate::{
    protocol::{Prompt, ResourceItem, Tool},
    resource::{Template, Variables},
};
use std::{mem, sync::Arc};

/// Tools, prompts and resources, in the order of their registration.
///
/// A server answers each request from one catalog, whatever happens meanwhile.
#[derive(Debug, Default)]
pub struct Catalog {
    pub(super) tools: Table<Tool>,
    pub(super) prompts: Table<Prompt>,
    pub(super) resources: Table<ResourceItem>,
    pub(super) templates: Table<ResourceItem>,
    /// The parsed templates, in the order of their entries.
    patterns: Vec<Template>,
    /// Whether a tool mirrors arguments in headers, or one did: without any, no call looks.
    pub(super) has_header_params: bool,
    problems: Vec<String>,
}

/// The catalog that answers one request.
pub(crate) type Snapshot = Arc<Catalog>;

impl Catalog {
    /// Adds an entry. What is wrong with it is kept for [`finish`](Self::finish).
    pub(crate) fn add<D: Item>(&mut self, entry: Entry<D>) {
        D::add(entry, self, Replace::No);
    }

    /// Puts an entry in the place of the one with its key, or at the end.
    pub(super) fn replace<D: Item>(&mut self, entry: Entry<D>) {
        D::add(entry, self, Replace::Yes);
    }

    /// A copy to change, which shares the entries.
    pub(super) fn edition(&self) -> Self {
        Self {
            tools: self.tools.clone(),
            prompts: self.prompts.clone(),
            resources: self.resources.clone(),
            templates: self.templates.clone(),
            patterns: self.patterns.clone(),
            has_header_params: self.has_header_params,
            problems: Vec::new(),
        }
    }

    /// Whether there are resources or templates to offer.
    pub(super) fn offers_resources(&self) -> bool {
        self.resources.is_offered() || self.templates.is_offered()
    }

    /// Whether there is something to complete.
    pub(super) fn completes(&self) -> bool {
        let mut prompts = self.prompts.iter();
        !self.templates.is_empty() || prompts.any(|entry| !entry.definition.arguments.is_empty())
    }

    /// Offers every kind, even without items.
    pub(super) fn offer_all(&mut self) {
        self.tools.offer();
        self.prompts.offer();
        self.resources.offer();
    }

    /// Removes a resource or a template; tells whether there was one.
    pub(super) fn remove_resource(&mut self, uri: &str) -> bool {
        if let Some(position) = self.templates.remove(uri) {
            self.patterns.remove(position);
            return true;
        }
        self.resources.remove(uri).is_some()
    }

    pub(super) fn clear_resources(&mut self) {
        self.resources.clear();
        self.templates.clear();
        self.patterns.clear();
    }

    pub(super) fn add_tool(&mut self, mut entry: Entry<Tool>, may: Replace) {
        let name = entry.definition.name.clone();
        self.check_name("tool", &name);
        let problems = take_entry_problems(&mut entry);
        match header_params::of(&entry.definition.input_schema) {
            Ok(params) => {
                self.has_header_params |= !params.is_empty();
                entry.header_params = params.into();
            }
            Err(problem) => self.problem("tool", &name, &problem),
        }
        self.note("tool", &name, problems);
        if self.tools.put(entry, may) == Put::Taken {
            self.duplicate("tools", &name);
        }
    }

    pub(super) fn add_prompt(&mut self, mut entry: Entry<Prompt>, may: Replace) {
        let name = entry.definition.name.clone();
        self.check_name("prompt", &name);
        let problems = take_entry_problems(&mut entry);
        self.note("prompt", &name, problems);
        if self.prompts.put(entry, may) == Put::Taken {
            self.duplicate("prompts", &name);
        }
    }

    pub(super) fn add_resource(&mut self, mut entry: Entry<ResourceItem>, may: Replace) {
        let uri = entry.definition.uri.clone();
        let problems = take_entry_problems(&mut entry);
        self.note("resource", &uri, problems);
        if !has_scheme(&uri) {
            self.problem("resource", &uri, "a URI starts with a scheme and a colon");
        }
        let duplicate = if entry.definition.is_template() {
            match Template::parse(&uri) {
                Ok(pattern) => {
                    let put = self.templates.put(entry, may);
                    if put == Put::Added {
                        self.patterns.push(pattern);
                    }
                    put == Put::Taken
                }
                Err(error) => {
                    self.problem("resource", &uri, &error.to_string());
                    false
                }
            }
        } else {
            self.resources.put(entry, may) == Put::Taken
        };
        if duplicate {
            self.duplicate("resources", &uri);
        }
    }

    /// Adds everything another catalog holds, under a prefix when there is one.
    /// What filtered the other one as a whole stays with its items.
    pub(super) fn absorb(&mut self, other: Self, filters: &[Visible], prefix: Option<&str>) {
        self.problems.extend(other.problems);
        absorb(self, other.tools, filters, prefix);
        absorb(self, other.prompts, filters, prefix);
        absorb(self, other.resources, filters, prefix);
        absorb(self, other.templates, filters, prefix);
    }

    /// Makes the entries added so far what the server wants them to be, and tells what is wrong with
    /// them.
    pub(super) fn finish(&mut self, _settings: &Settings) -> Vec<String> {
        #[cfg(feature = "json-schema")]
        if let Some(checks) = _settings.schema_checks {
            let mut faults = Vec::new();
            for entry in self.tools.unshared() {
                let problems = entry.add_schema_checks(checks);
                let name = &entry.definition.name;
                faults.extend(problems.into_iter().map(|problem| (name.clone(), problem)));
            }
            for (name, problem) in faults {
                self.problem("tool", &name, &problem);
            }
        }
        mem::take(&mut self.problems)
    }

    /// The resource with this URI, or the first template that it is an expansion of, among those
    /// that are seen.
    pub(super) fn resource(
        &self,
        uri: &str,
        mut sees: impl FnMut(&Entry<ResourceItem>) -> bool,
    ) -> Option<(&Arc<Entry<ResourceItem>>, Variables)> {
        if let Some(entry) = self.resources.get(uri).filter(|entry| sees(entry)) {
            return Some((entry, Variables::default()));
        }
        let mut candidates = self.patterns.iter().zip(self.templates.iter());
        candidates.find_map(|(pattern, entry)| {
            let variables = pattern.matches(uri)?;
            sees(entry).then_some((entry, variables))
        })
    }

    /// Says what suggests values for an argument of a prompt or a variable of a template.
    pub(super) fn set_completer(&mut self, of: &str, argument: &str, completer: Completer) -> bool {
        let prompt = self.prompts.get_mut(of).filter(|entry| {
            let mut arguments = entry.definition.arguments.iter();
            arguments.any(|known| known.name == argument)
        });
        if let Some(entry) = prompt {
            entry.set_completer(argument, completer);
            return true;
        }
        let Some(entry) = self.templates.get_mut(of) else {
            return false;
        };
        let variables = Template::parse(of).map(|template| template.variables());
        let known = variables.is_ok_and(|names| names.iter().any(|name| name == argument));
        if known {
            entry.set_completer(argument, completer);
        }
        known
    }

    fn check_name(&mut self, kind: &str, name: &str) {
        let valid = (1..=128).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if !valid {
            self.problem(kind, name, "a name is 1 to 128 of A-Z a-z 0-9 _ - .");
        } else if name.len() > 64 {
            tracing::warn!(target: "mcp", kind, name, "some clients accept names up to 64 characters only");
        }
    }

    fn problem(&mut self, kind: &str, name: &str, problem: &str) {
        self.problems.push(format!("{kind} `{name}`: {problem}"));
    }

    fn note(&mut self, kind: &str, name: &str, problems: Vec<String>) {
        for problem in problems {
            self.problem(kind, name, &problem);
        }
    }

    fn duplicate(&mut self, kinds: &str, name: &str) {
        self.problems
            .push(format!("two {kinds} are named `{name}`"));
    }
}

fn absorb<D: Item>(
    catalog: &mut Catalog,
    table: Table<D>,
    filters: &[Visible],
    prefix: Option<&str>,
) {
    for entry in table.into_entries() {
        // A catalog under construction is the only owner of its entries.
        if let Ok(entry) = Arc::try_unwrap(entry) {
            let entry = entry.filtered(filters);
            catalog.add(match prefix {
                Some(prefix) => entry.nested(prefix),
                None => entry,
            });
        }
    }
}

/// What was found to be wrong with an entry before it had a place.
fn take_entry_problems<D>(entry: &mut Entry<D>) -> Vec<String> {
    let mut problems = mem::take(&mut entry.problems);
    problems.extend(entry.options.problem().map(str::to_owned));
    problems
}

fn has_scheme(uri: &str) -> bool {
    let Some((scheme, _)) = uri.split_once(':') else {
        return false;
    };
    let mut bytes = scheme.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}
