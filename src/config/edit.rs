//! Changes to the configuration's file, of which every other line stays as it is.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TomlError};

use super::{Config, ConfigError, permissions};
use crate::platform::file::{self, WriteError};
use crate::query::Query;
use crate::text::visible;

/// The section of named filters.
const FILTERS: &str = "filters";

/// Why the configuration wasn't changed; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It can't be read, or would not be valid with the change.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It can't be taken apart.
    #[error("{path}: {error}")]
    Syntax {
        path: PathBuf,
        error: Box<TomlError>,
    },
    /// It has a filter of this name.
    #[error("there is a filter named {} already: choose another name", visible(.0))]
    NameTaken(String),
    /// It can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes `text` as the configuration at `path`, with the permissions of the file that is there. A text that
/// isn't a valid configuration is refused. A link, as from a directory of settings under version control,
/// stays one.
pub fn rewrite(path: &Path, text: &str) -> Result<(), EditError> {
    Config::parse(text, path)?;
    let unreadable = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    let file = path.canonicalize().map_err(unreadable)?;
    Ok(file::replace_alike(&file, |out| {
        out.write_all(text.as_bytes())
    })?)
}

/// Adds a filter to the `[filters]` of the configuration at `path`.
pub fn add_filter(path: &Path, name: &str, query: &Query) -> Result<(), EditError> {
    let text = permissions::read_config(path)?;
    // What is wrong with it already is not blamed on the change.
    Config::parse(&text, path)?;
    let mut document: DocumentMut = text.parse().map_err(|error| EditError::Syntax {
        path: path.to_owned(),
        error: Box::new(error),
    })?;
    if document.get(FILTERS).is_none() {
        add_section(&mut document);
    }
    let filter = &mut document[FILTERS][name];
    if !filter.is_none() {
        return Err(EditError::NameTaken(name.to_owned()));
    }
    *filter = toml_edit::value(query.text());
    rewrite(path, &document.to_string())
}

/// Adds an empty section of named filters at the end.
fn add_section(document: &mut DocumentMut) {
    let mut section = Table::new();
    // Comments at the end of the file stay above it, where they were read.
    let before = document.trailing().as_str().unwrap_or_default();
    section.decor_mut().set_prefix(format!("{before}\n"));
    document.set_trailing("");
    document.insert(FILTERS, Item::Table(section));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The configuration after a filter was added.
    fn with_filter(text: &str, name: &str, query: &str) -> Result<String, EditError> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("config.toml");
        std::fs::write(&path, text).expect("written");
        let query = Query::parse(query).expect("a query");
        let added = add_filter(&path, name, &query);
        let after = std::fs::read_to_string(&path).expect("read");
        if added.is_err() {
            assert_eq!(after, text, "it is as it was");
        }
        added.map(|()| after)
    }

    #[test]
    fn filter_is_added_and_every_other_line_stays() {
        let quoted = r#"group:"Domain controllers""#;
        for (before, after) in [
            (
                "# a\n[filters] # named\nold = \"type:vm\"\n\n# keys\n[keys]\n# mark = \"m\"\n",
                "# a\n[filters] # named\nold = \"type:vm\"\n\"my servers\" = 'group:\"Domain controllers\"'\n\n\
                 # keys\n[keys]\n# mark = \"m\"\n",
            ),
            (
                "[ui]\nbell = false\n# the end\n",
                "[ui]\nbell = false\n# the end\n\n[filters]\n\"my servers\" = 'group:\"Domain controllers\"'\n",
            ),
            (
                "filters = { old = \"type:vm\" }\n",
                "filters = { old = \"type:vm\" , \"my servers\" = 'group:\"Domain controllers\"' }\n",
            ),
            (
                "filters.old = \"type:vm\"\n[ui]\nbell = false\n",
                "filters.old = \"type:vm\"\nfilters.\"my servers\" = 'group:\"Domain controllers\"'\n[ui]\nbell = false\n",
            ),
            (
                "",
                "\n[filters]\n\"my servers\" = 'group:\"Domain controllers\"'\n",
            ),
        ] {
            let added = with_filter(before, "my servers", quoted).expect("added");
            assert_eq!(added, after);
            let config = Config::parse(&added, Path::new("config.toml")).expect("valid");
            assert_eq!(config.filters["my servers"].text(), quoted);
        }
    }

    #[test]
    fn filter_is_added_to_the_example_in_its_section() {
        let added = with_filter(crate::config::EXAMPLE, "old", "unseen>90d").expect("added");
        let example =
            crate::config::EXAMPLE.replace("[filters]\n", "[filters]\nold = \"unseen>90d\"\n");
        assert_eq!(added, example);
    }

    #[test]
    fn filter_of_the_same_name_and_a_file_that_is_not_valid_stay_as_they_are() {
        let taken = with_filter("[filters]\nold = \"type:vm\"\n", "old", "unseen>90d");
        assert!(matches!(&taken, Err(EditError::NameTaken(_))), "{taken:?}");
        let wrong = with_filter("[filtres]\n", "old", "unseen>90d");
        assert!(matches!(&wrong, Err(EditError::Config(_))), "{wrong:?}");
    }

    #[test]
    fn link_stays_one_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let [file, link] = ["dotfiles.toml", "config.toml"].map(|name| directory.path().join(name));
        std::fs::write(&file, "").expect("written");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("set");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        let query = Query::parse("type:vm").expect("a query");
        add_filter(&link, "old", &query).expect("added");
        assert!(link.symlink_metadata().expect("there").is_symlink());
        let mode = file.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
        assert!(
            std::fs::read_to_string(&file)
                .expect("read")
                .contains("type:vm")
        );
    }
}
