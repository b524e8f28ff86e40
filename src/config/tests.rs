use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("config.toml"))
}

fn refused(text: &str) -> String {
    parse(text).expect_err("refused").to_string()
}

fn profile(lines: &str) -> String {
    format!("[profiles.a]\nbase_url = \"https://t.example\"\n{lines}\n")
}

#[test]
fn example_parses_to_the_defaults() {
    let config = parse(EXAMPLE).expect("it parses");
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.run, RunPolicy::default());
    assert_eq!(config.ui, Ui::default());
    let (name, profile) = config.profile(None).expect("a default profile");
    assert_eq!(
        (name, profile.base_url.as_str()),
        ("production", "https://gears.opswat.com/")
    );
    assert!(!profile.read_only && profile.protect.is_empty() && profile.account.is_none());
    assert!(config.filters.is_empty() && config.keys.is_empty());
}

#[test]
fn example_documents_every_key() {
    let shown = |key: &str| {
        EXAMPLE.lines().any(|line| {
            line.trim_start_matches("# ")
                .starts_with(&format!("{key} = "))
        })
    };
    assert!(shown("default_profile"));
    for section in keys::SECTIONS {
        let keys = keys::of(section);
        // [profiles.NAME.lists] is described with [lists].
        for key in keys.iter().filter(|key| *key != "lists") {
            assert!(shown(key), "[{section}] {key} is not in the example");
        }
        assert!(!keys.is_empty(), "[{section}]");
    }
    for section in ["filters", "keys", "lists"] {
        assert!(EXAMPLE.contains(&format!("\n[{section}]\n")), "{section}");
    }
}

#[test]
fn commented_keys_of_the_example_are_accepted() {
    let uncommented = |key: &str| {
        EXAMPLE
            .lines()
            .filter(|line| {
                let other_secret = ["client_id", "client_secret_", "token_"]
                    .iter()
                    .any(|prefix| line.starts_with(prefix));
                let same_kind =
                    key.starts_with("client_secret_") && line.starts_with("client_secret_");
                !(same_kind || key.starts_with("token_") && other_secret)
            })
            .map(|line| match line.strip_prefix("# ") {
                Some(bare) if bare.starts_with(&format!("{key} = ")) => bare,
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    for key in [
        "account",
        "list",
        "read_only",
        "ca_file",
        "proxy",
        "protect",
        "client_secret_env",
        "client_secret_file",
        "token_env",
        "token_file",
        "token_command",
        "stale-laptops",
        "mark",
    ] {
        let text = uncommented(key);
        assert_ne!(text, EXAMPLE, "{key}");
        parse(&text).unwrap_or_else(|error| panic!("{key}: {error}"));
    }
}

#[test]
fn unknown_keys_name_file_line_and_allowed_keys() {
    let error = refused("[limits]\nbatch_size = 5\nbatchsize = 5\n");
    assert!(
        error.starts_with("config.toml:3: unknown field `batchsize`"),
        "{error}"
    );
    assert!(error.contains("requests_per_minute"), "{error}");
    let error = refused("[run]\non_doubt = \"retry\"\n");
    assert!(
        error.starts_with("config.toml:2:") && error.contains("resend-once"),
        "{error}"
    );
    let error = refused("[ui]\n\nascii = 1\n");
    assert!(error.starts_with("config.toml:3:"), "{error}");
}

#[test]
fn secrets_have_no_inline_key() {
    for key in ["token", "client_secret", "access_token"] {
        let error = refused(&profile(&format!("{key} = \"canary-secret\"")));
        assert!(
            error.contains("a secret is never in the configuration: use ")
                && !error.contains("canary"),
            "{error}"
        );
    }
}

#[test]
fn addresses_that_would_leak_or_mislead_are_refused() {
    for (url, reason) in [
        ("http://t.example", "https"),
        ("https://user:canary@t.example", "user or password"),
        ("https://t.example/?access_token=canary", "bare address"),
        ("https://t.example/o/api", "bare address"),
        ("https://t.example/#access_token=canary", "bare address"),
        ("ftp://t.example", "https://"),
        // Only in name on loopback.
        ("http://127.0.0.1.evil.example", "https"),
        ("http://localhost.evil.example", "https"),
        ("http://127.0.0.1@evil.example", "https"),
        ("t.example", "not a valid URL"),
    ] {
        let error = refused(&format!("\n[profiles.a]\nbase_url = \"{url}\"\n"));
        assert!(
            error.starts_with("config.toml:3:") && error.contains(reason),
            "{url}: {error}"
        );
        assert!(!error.contains("canary"), "{error}");
    }
    for url in [
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost:1",
    ] {
        parse(&format!("[profiles.a]\nbase_url = \"{url}\"\n")).expect(url);
    }
    let error = refused(&profile("proxy = \"http://user:canary@proxy.corp\""));
    assert!(
        error.contains("user or password") && !error.contains("canary"),
        "{error}"
    );
}

#[test]
fn protect_rules_must_name_fields() {
    let error = refused(&profile("protect = ['type:server', 'srv']"));
    assert!(
        error.starts_with("config.toml:3:") && error.contains("hostname:srv"),
        "{error}"
    );
}

#[test]
fn credential_must_be_exactly_one() {
    for (lines, reason) in [
        ("client_id = \"a\"", "needs client_secret_env"),
        ("client_secret_env = \"A\"", "needs client_id"),
        ("token_env = \"A\"\ntoken_file = \"b\"", "several token_"),
        (
            "client_id = \"a\"\nclient_secret_env = \"A\"\nclient_secret_file = \"b\"",
            "several client_secret_",
        ),
        (
            "client_id = \"a\"\nclient_secret_env = \"A\"\ntoken_env = \"B\"",
            "both",
        ),
        (
            "client_id = \" \"\nclient_secret_env = \"A\"",
            "client_id is empty",
        ),
        ("token_command = []", "command is empty"),
        ("token_command = [\"\"]", "command is empty"),
        ("token_env = \"A=b\"", "name of an environment variable"),
    ] {
        let error = refused(&profile(lines));
        assert!(error.contains(reason), "{lines}: {error}");
    }
    assert_eq!(
        parse(&profile("")).expect("triage").profiles["a"].credential,
        None
    );
    let token = parse(&profile("token_file = \"/t\"")).expect("a token");
    let expected = CredentialSetting::Token(SecretSource::File("/t".into()));
    assert_eq!(token.profiles["a"].credential, Some(expected));
}

#[test]
fn limits_have_bounds() {
    for (line, reason) in [
        ("requests_per_minute = 0", "1 to 600"),
        ("batch_size = 501", "1 to 500"),
        ("canary = 51", "1 to batch_size"),
        ("max_devices = 0", "at least 1"),
        ("max_per_day = 0", "at least 1"),
        ("max_share = 1.5", "max_share must be 0 to 1"),
        ("shrunk = -0.1", "shrunk must be 0 to 1"),
        ("min_enrolled = \"1x\"", "min_enrolled must be"),
        ("min_enrolled = \"1m\"", "m may be minutes or months"),
        ("min_enrolled = \"-1d\"", "min_enrolled must be"),
        ("min_enrolled = \"1y\"", "min_enrolled must be"),
        ("connect_timeout = \"0s\"", "1 s to 10 min"),
        ("request_timeout = \"soon\"", "\"10s\""),
    ] {
        let error = refused(&format!("[limits]\n{line}\n"));
        assert!(
            error.starts_with("config.toml:2:") && error.contains(reason),
            "{line}: {error}"
        );
    }
    let limits = parse("[limits]\nrequest_timeout = \"2m\"\nbatch_size = 3\n")
        .expect("fine")
        .limits;
    assert_eq!(limits.request_timeout, Duration::from_secs(120));
    assert_eq!(limits.canary.get(), 3, "a canary is no larger than a batch");
}

#[test]
fn columns_must_be_known_and_unique() {
    assert!(refused("[ui]\ncolumns = [\"host\"]\n").contains("hostname"));
    assert!(refused("[ui]\ncolumns = [\"os\", \"os\"]\n").contains("duplicate column"));
    assert!(refused("[ui]\ncolumns = []\n").contains("empty"));
}

#[test]
fn columns_of_a_list_are_named_by_their_headers() {
    for (text, name, width) in [
        ("hostname", "hostname", None),
        ("hostname:20", "hostname", Some("20")),
        ("@Cost Centre", "@Cost Centre", None),
        ("@Cost Centre:20", "@Cost Centre", Some("20")),
        ("@Room: east", "@Room: east", None),
        ("@Room: east:20", "@Room: east", Some("20")),
        ("@a:", "@a:", None),
    ] {
        assert_eq!(split_column(text), (name, width), "{text}");
    }
    let columns = |columns: &str| format!("[ui]\ncolumns = [{columns}]\n");
    let config = parse(&columns(r#""@Cost Centre:20", "@Room: east", "os""#)).expect("fine");
    assert_eq!(config.ui.columns.len(), 3);
    assert!(refused(&columns(r#""@Cost:3""#)).contains("4 to 80"));
    assert!(refused(&columns(r#""@Cost:8", "@Cost""#)).contains("duplicate column"));
    assert!(refused(&columns(r#""@""#)).contains("@Header"));
}

#[test]
fn profile_is_chosen_by_name_by_default_or_as_the_only_one() {
    let two = "[profiles.a]\nbase_url = \"https://a.example\"\n[profiles.b]\nbase_url = \"https://b.example\"\n";
    let config = parse(two).expect("fine");
    assert_eq!(config.profile(Some("b")).expect("b").0, "b");
    assert!(
        config
            .profile(None)
            .expect_err("which")
            .to_string()
            .contains("a, b")
    );
    assert!(
        config
            .profile(Some("c"))
            .expect_err("none")
            .to_string()
            .contains("a, b")
    );
    assert_eq!(
        parse(&profile(""))
            .expect("fine")
            .profile(None)
            .expect("a")
            .0,
        "a"
    );
    assert!(refused(&format!("default_profile = \"z\"\n{two}")).contains("a, b"));
}

#[test]
fn target_is_keyed_by_origin_and_account() {
    let config = parse(&profile("account = \"acme\"")).expect("fine");
    let target = config.profiles["a"].target("a");
    assert_eq!(
        (target.tenant.as_str(), target.host()),
        ("https://t.example", "t.example")
    );
    assert_eq!(target.account.as_deref(), Some("acme"));
}

#[test]
fn missing_configuration_at_a_given_path_is_an_error() {
    let error = Config::load(Some(Path::new("/nowhere/config.toml"))).expect_err("none");
    assert!(error.to_string().contains("/nowhere/config.toml"));
}

#[test]
fn theme_is_one_of_the_programs_own_or_described() {
    let theme = |text: &str| parse(text).map(|config| config.ui.theme);
    let own = theme("[ui]\ntheme = \"light\"\n").expect("a theme");
    assert_eq!(own.base, Some(BaseTheme::Light));
    assert_eq!(
        theme("[ui]\ntheme = \"auto\"\n").expect("a theme").base,
        None
    );
    assert!(own.colours.is_empty());
    let night =
        "[ui]\ntheme = \"night\"\n[themes.night]\nbase = \"mono\"\naccent = \"cyan\"\nmark = 80\n";
    let night = theme(night).expect("a theme");
    assert_eq!(night.base, Some(BaseTheme::Mono));
    let colour = &night.colours[0];
    assert_eq!(
        (colour.role.as_str(), colour.colour.as_str(), colour.line),
        ("accent", "cyan", 5)
    );
    assert_eq!(night.colours[1].colour, "80");
    let error = refused("[ui]\n\ntheme = \"nite\"\n[themes.night]\n");
    assert!(error.contains("config.toml:3: no theme 'nite'"), "{error}");
    assert!(error.contains("mono, night"), "{error}");
    let error = refused("[ui]\ntheme = \"night\"\n[themes.night]\nbase = \"black\"\n");
    assert!(error.contains("config.toml:4: base must be"), "{error}");
    let error = refused("[themes.night]\nbase = \"black\"\n");
    assert!(
        error.contains("config.toml:2: base must be"),
        "not chosen: {error}"
    );
}
