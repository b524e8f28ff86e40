//! Changes of the workbench's configuration.

use super::Workbench;

impl Workbench {
    pub fn config(&self) -> String {
        std::fs::read_to_string(self.path("config.toml")).expect("read")
    }

    /// Replaces a text of the configuration, wherever it has it.
    pub fn reconfigure(&self, old: &str, new: &str) {
        let config = self.config();
        assert!(config.contains(old), "{old} is not in {config}");
        self.write("config.toml", &config.replace(old, new));
    }

    /// Has the profile protect what this query matches.
    pub fn protect(&self, query: &str) {
        self.remove_lines("protect");
        self.configure_profile(&format!("protect = ['{query}']"));
    }

    /// Adds to the end of the configuration, which is within `[limits]`.
    pub fn configure(&self, text: &str) {
        self.write("config.toml", &format!("{}{text}\n", self.config()));
    }

    /// Adds these lines to `[run]`.
    pub fn configure_run(&self, lines: &str) {
        self.reconfigure("[run]\n", &format!("[run]\n{lines}\n"));
    }

    /// Adds these lines to the profile.
    pub fn configure_profile(&self, lines: &str) {
        let config = self.config();
        let config = config.replacen("[limits]", &format!("{lines}\n[limits]"), 1);
        self.write("config.toml", &config);
    }

    /// Gives the profile a ready token in place of client credentials.
    pub fn configure_token(&self, token: &str) {
        self.write("canary", token);
        self.remove_lines("client_");
        let file = self.path("canary").display().to_string();
        self.configure_profile(&format!("token_file = {file:?}"));
    }

    fn remove_lines(&self, beginning: &str) {
        let config = self.config();
        let lines = config.lines().filter(|line| !line.starts_with(beginning));
        let lines: Vec<&str> = lines.collect();
        self.write("config.toml", &format!("{}\n", lines.join("\n")));
    }
}
