//! The settings of a new profile, and the text of a configuration that has them.

use std::path::Path;

use crate::config::{Config, ConfigError, EXAMPLE};

/// The name of the example's profile.
pub(super) const NAME: &str = "production";

/// The keys of a profile that get a value, in the order in which they were set. A key that has none is
/// a comment in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ProfileValues(Vec<(&'static str, toml::Value)>);

impl ProfileValues {
    /// Gives `key` this value.
    pub(super) fn set(&mut self, key: &'static str, value: impl Into<toml::Value>) {
        self.0.push((key, value.into()));
    }

    /// These settings with one more.
    pub(super) fn with(&self, key: &'static str, value: impl Into<toml::Value>) -> Self {
        let mut settings = self.clone();
        settings.set(key, value);
        settings
    }

    /// Why no configuration can have these settings, if so: in the words of the configuration's own
    /// checks.
    pub(super) fn problem(&self) -> Option<String> {
        match Config::parse(&self.lines(NAME), Path::new("")) {
            Ok(_) => None,
            Err(ConfigError::Content { message, .. }) => Some(message),
            Err(error) => Some(error.to_string()),
        }
    }

    /// The section of a profile with these settings, without comments.
    pub(super) fn lines(&self, name: &str) -> String {
        let mut text = header(name);
        for (key, value) in &self.0 {
            text.push_str(&format!("\n{key} = {value}"));
        }
        text.push('\n');
        text
    }

    /// A line of the example's profile with these settings: with its value, or as a comment.
    fn line(&self, line: &str) -> String {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let Some((key, _)) = bare.split_once(" = ") else {
            return line.to_owned();
        };
        match self.0.iter().find(|(set, _)| *set == key) {
            Some((_, value)) => format!("{key} = {value}"),
            None if is_key(key) => format!("# {bare}"),
            None => line.to_owned(),
        }
    }
}

fn header(name: &str) -> String {
    format!("[profiles.{name}]")
}

fn is_key(text: &str) -> bool {
    let is_of_key = |character: char| character.is_ascii_lowercase() || character == '_';
    !text.is_empty() && text.chars().all(is_of_key)
}

/// The example's profile under another name, with these settings if there are any.
pub(super) fn section(name: &str, settings: Option<&ProfileValues>) -> String {
    let (_, section, _) = parts();
    let section = section.replacen(&header(NAME), &header(name), 1);
    let Some(settings) = settings else {
        return section;
    };
    let lines = section.lines().map(|line| settings.line(line));
    format!("{}\n", lines.collect::<Vec<_>>().join("\n"))
}

/// The example with these settings for its only profile, called `name`.
pub(super) fn file(name: &str, settings: &ProfileValues) -> String {
    let (before, _, after) = parts();
    let default = |name: &str| format!("default_profile = {}", toml::Value::from(name));
    let before = before.replacen(&default(NAME), &default(name), 1);
    format!("{before}{}{after}", section(name, Some(settings)))
}

/// The example before, within and after the section of its profile.
fn parts() -> (&'static str, &'static str, &'static str) {
    let begin = EXAMPLE.find(&header(NAME)).unwrap_or(0);
    let (before, rest) = EXAMPLE.split_at(begin);
    let end = rest.find("\n[limits]").unwrap_or(rest.len());
    let (section, after) = rest.split_at(end);
    (before, section, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ProfileValues {
        ProfileValues::default()
            .with("base_url", "https://a.example")
            .with("token_file", "/secret/\"token\"")
            .with("protect", vec!["type:server"])
    }

    #[test]
    fn file_has_the_settings_and_every_comment_of_the_example() {
        let text = file("branch", &settings());
        let config = Config::parse(&text, Path::new("c.toml")).expect("a configuration");
        let (name, profile) = config.profile(None).expect("a default");
        assert_eq!(name, "branch");
        assert_eq!(profile.base_url.as_str(), "https://a.example/");
        assert!(profile.credential.as_ref().expect("one").is_token());
        assert_eq!(profile.protect.iter().len(), 1);
        assert!(
            text.contains("\n# client_id = \"your-client-key\"\n"),
            "{text}"
        );
        assert!(text.contains("\n# account = \"acme\"\n"), "{text}");
        let comments = |text: &str| text.lines().filter(|line| line.starts_with("# ")).count();
        // Two keys became comments, two comments became keys.
        assert_eq!(comments(&text), comments(EXAMPLE));
        assert_eq!(text.lines().count(), EXAMPLE.lines().count());
    }

    #[test]
    fn problem_is_that_of_the_configuration() {
        assert_eq!(settings().problem(), None);
        let plain = ProfileValues::default().with("base_url", "http://a.example");
        assert!(plain.problem().expect("refused").contains("must be https"));
        let query = settings().with("account", " ");
        assert!(
            query
                .problem()
                .expect("refused")
                .contains("account is empty")
        );
    }
}
