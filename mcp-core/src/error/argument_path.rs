//! Where an argument is.

use std::fmt::Write;

/// A path into the arguments of a call, as people read it and as programs do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ArgumentPath {
    /// `filter.years[2]`.
    pub(super) text: String,
    /// `/filter/years/2`.
    pub(super) pointer: String,
}

impl ArgumentPath {
    /// Reads what people write. A name that holds a dot or a bracket is taken for several.
    pub(super) fn read(text: &str) -> Self {
        let mut path = Self::default();
        for part in text.split(['.', '[']).filter(|part| !part.is_empty()) {
            path.member(part.strip_suffix(']').unwrap_or(part));
        }
        path
    }

    /// As much of a name as is told: it may be the client's.
    pub(crate) fn shown(name: &str) -> String {
        const LONGEST: usize = 64;
        name.chars().take(LONGEST).collect()
    }

    /// Goes on to a member.
    pub(crate) fn member(&mut self, name: &str) {
        let name = Self::shown(name);
        if !self.text.is_empty() {
            self.text.push('.');
        }
        self.text.push_str(&name);
        self.pointer.push('/');
        self.pointer
            .push_str(&name.replace('~', "~0").replace('/', "~1"));
    }

    /// Goes on to an item.
    pub(crate) fn item(&mut self, index: usize) {
        // Writing to a string does not fail.
        let _ = write!(self.text, "[{index}]");
        let _ = write!(self.pointer, "/{index}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_escaped_and_follow_the_path() {
        let mut path = ArgumentPath::default();
        path.member("a/b");
        path.item(2);
        path.member("c~d");
        assert_eq!(path.text, "a/b[2].c~d");
        assert_eq!(path.pointer, "/a~1b/2/c~0d");
        assert_eq!(ArgumentPath::read("a[1][2].b").pointer, "/a/1/2/b");
        assert_eq!(ArgumentPath::read("").pointer, "");
    }
}
