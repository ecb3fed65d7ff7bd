//! A real MTA: the digest goes through Postfix, over STARTTLS and with a password, into mailboxes on disk, and is read
//! back with a parser that is not ours.
//!
//! Needs root and Debian's `postfix`, `sasl2-bin` and `libsasl2-modules`, which `make test` installs. The Postfix has
//! its own folders and port and touches nothing of a system's; it is stopped when the test ends.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin_cmd;

const USER: &str = "kawaraban";
const PASSWORD: &str = "correct horse battery staple";

/// Says whether the machine can run Postfix for a test; where everything is required, it must.
fn postfix_is_there() -> bool {
    let found = ["/usr/sbin/postfix", "/usr/sbin/saslpasswd2"].iter().all(|path| Path::new(path).exists());
    let root = run("id", &["-u"]).stdout.trim_ascii() == b"0";
    let usable = found && root;
    assert!(
        usable || std::env::var_os("CI_REQUIRE_ALL").is_none(),
        "this test needs root, postfix and sasl2-bin: run the tests with `make test` as root on Debian"
    );
    usable
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn must(program: &str, arguments: &[&str]) {
    let output = run(program, arguments);
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A Postfix of our own.
struct Postfix {
    folder: tempfile::TempDir,
    port: u16,
}

impl Postfix {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Postfix's own user has to reach its folders.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let postfix = Self { folder, port };
        for name in ["conf", "conf/sasl", "spool", "data", "mail"] {
            fs::create_dir(postfix.path(name)).unwrap();
        }
        must("chown", &["postfix", &postfix.text("data"), &postfix.text("mail")]);
        postfix.write_certificate();
        postfix.write_password();
        fs::write(postfix.path("conf/main.cf"), postfix.main_cf()).unwrap();
        fs::write(postfix.path("conf/master.cf"), postfix.master_cf()).unwrap();
        must("postfix", &["-c", &postfix.text("conf"), "start"]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "Postfix does not answer:\n{}", postfix.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        postfix
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("postfix.log")).unwrap_or_default()
    }

    fn write_certificate(&self) {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(self.path("certificate.pem"), certificate.pem()).unwrap();
        fs::write(self.path("key.pem"), key.serialize_pem()).unwrap();
    }

    fn write_password(&self) {
        use std::io::Write;
        let database = self.text("conf/sasl/sasldb2");
        fs::write(
            self.path("conf/sasl/smtpd.conf"),
            format!(
                "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {database}\nmech_list: PLAIN LOGIN\n"
            ),
        )
        .unwrap();
        let mut child = Command::new("saslpasswd2")
            .args(["-p", "-c", "-f", &database, "-u", "example.test", USER])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        must("chown", &["postfix", &database]);
    }

    fn main_cf(&self) -> String {
        let folder = self.folder.path().display();
        format!(
            "compatibility_level = 3.6
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = /
myhostname = localhost
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
virtual_mailbox_domains = example.test, docomo.ne.jp
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_received_header = yes
alias_maps =
local_recipient_maps =
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = example.test
smtpd_sasl_authenticated_header = yes

smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
",
            uid = String::from_utf8_lossy(run("id", &["-u", "postfix"]).stdout.trim_ascii()),
        )
    }

    fn master_cf(&self) -> String {
        format!(
            "127.0.0.1:{} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
",
            self.port
        )
    }

    /// Waits for `count` mails and returns them.
    fn mails(&self, count: usize) -> Vec<Vec<u8>> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let found: Vec<_> = fs::read_dir(self.path("mail/all/new"))
                .map(|entries| entries.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect())
                .unwrap_or_default();
            if found.len() >= count {
                return found;
            }
            assert!(Instant::now() < deadline, "{} of {count} mails arrived:\n{}", found.len(), self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("Postfix said:\n{}", self.log());
        }
        run("postfix", &["-c", &self.text("conf"), "stop"]);
    }
}

fn write_config(folder: &Path, postfix: &Postfix, password: &str) -> PathBuf {
    let config = folder.join("kawaraban.toml");
    fs::write(
        &config,
        format!(
            "base_url = \"https://news.example.test\"
secret = \"a secret of more than thirty-two letters\"
[database]
url = \"sqlite://{folder}/kawaraban.db\"
[sender]
name = \"瓦版社\"
email = \"news@example.test\"
postal_address = \"東京都中央区日本橋1-2-3\"
contact = \"https://news.example.test/contact\"
[[relays]]
name = \"postfix\"
host = \"localhost\"
port = {port}
tls = \"starttls\"
username = \"{USER}@example.test\"
password = \"{password}\"
ca_file = \"{certificate}\"
",
            folder = folder.display(),
            port = postfix.port,
            certificate = postfix.text("certificate.pem"),
        ),
    )
    .unwrap();
    config
}

/// Reads a mail with Python's `email` and prints what matters, one line each.
const READ_BACK: &str = r"
import sys, email, email.policy
raw = sys.stdin.buffer.read()
m = email.message_from_bytes(raw, policy=email.policy.default)
assert not m.defects, m.defects
text, html = m.get_body(('plain',)), m.get_body(('html',))
for name in ('From', 'To', 'Subject', 'Message-ID', 'Date', 'List-Id', 'List-Unsubscribe', 'List-Unsubscribe-Post'):
    values = m.get_all(name)
    assert values and len(values) == 1, (name, values)
    print(name + ': ' + str(values[0]))
# As it stands on the wire: the new policy takes the quotes off.
print('Wire: ' + email.message_from_bytes(raw, policy=email.policy.compat32)['To'])
print('Type: ' + m.get_content_type())
print('Authenticated: ' + str(any('Authenticated sender' in str(r) for r in m.get_all('Received'))))
print('TLS: ' + str(any('using TLSv1' in str(r) for r in m.get_all('Received'))))
url = m['List-Unsubscribe'].split('<')[1].split('>')[0]
print('Link in text: ' + str(url in text.get_content()))
print('Link in HTML: ' + str(url in html.get_content()))
print('Address in text: ' + str('東京都中央区日本橋1-2-3' in text.get_content()))
";

fn read_back(mail: &[u8]) -> String {
    use std::io::Write;
    let mut child = Command::new("python3")
        .args(["-X", "utf8", "-c", READ_BACK])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    child.stdin.take().unwrap().write_all(mail).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn kawaraban(config: &Path, words: &[&str]) -> assert_cmd::assert::Assert {
    cargo_bin_cmd!("kawaraban").arg("--config").arg(config).args(words).timeout(Duration::from_secs(60)).assert()
}

fn prepare(config: &Path, folder: &Path) {
    let list = folder.join("list.csv");
    fs::write(&list, "email,language\nhanako@example.test,ja\nbob@example.test,en\na..b@docomo.ne.jp,ja\n").unwrap();
    let import = ["subscribers", "import", list.to_str().unwrap(), "--confirmed", "--consent", "a test"];
    kawaraban(config, &import).success();
    let article =
        ["articles", "add", "--section", "news", "--title", "新幹線に個室", "--url", "https://example.test/1"];
    kawaraban(config, &article).success();
}

#[test]
fn the_digest_goes_through_a_real_postfix() {
    if !postfix_is_there() {
        return;
    }
    let postfix = Postfix::start();
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &postfix, PASSWORD);
    prepare(&config, folder.path());
    kawaraban(&config, &["check"]).success();
    kawaraban(&config, &["send", "weekly", "--no-fetch"]).success();

    let mut ids = std::collections::BTreeSet::new();
    let mut to = std::collections::BTreeSet::new();
    for mail in postfix.mails(3) {
        let seen = read_back(&mail);
        let value = |name: &str| {
            let start = format!("{name}: ");
            seen.lines()
                .find_map(|l| l.strip_prefix(&start))
                .unwrap_or_else(|| panic!("no {name} in {seen}"))
                .to_owned()
        };
        ids.insert(value("Message-ID"));
        to.insert(value("Wire"));
        assert_eq!(value("From"), "瓦版社 <news@example.test>");
        assert!(value("Subject").contains("新幹線に個室"), "{seen}");
        assert_eq!(value("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert!(value("List-Unsubscribe").starts_with("<https://news.example.test/unsubscribe/v1."), "{seen}");
        assert_eq!(value("Type"), "multipart/alternative");
        for yes in ["Authenticated", "TLS", "Link in text", "Link in HTML", "Address in text"] {
            assert_eq!(value(yes), "True", "{yes}: {seen}");
        }
    }
    assert_eq!(ids.len(), 3);
    assert_eq!(to.len(), 3, "{to:?}");
    assert!(to.contains("\"a..b\"@docomo.ne.jp"), "{to:?}");

    let stats = kawaraban(&config, &["deliveries", "stats", "--json"]).success();
    let stats = String::from_utf8_lossy(&stats.get_output().stdout).into_owned();
    assert!(stats.replace(' ', "").contains("\"accepted\":3"), "{stats}");
}

#[test]
fn a_wrong_password_pauses_the_relay_and_blames_nobody() {
    if !postfix_is_there() {
        return;
    }
    let postfix = Postfix::start();
    let folder = tempfile::tempdir().unwrap();
    let config = write_config(folder.path(), &postfix, "not this one");
    prepare(&config, folder.path());
    let check = kawaraban(&config, &["check"]).failure();
    let check = format!("{:?}", check.get_output());
    assert!(check.contains("535"), "{check}");
    assert!(!check.contains("not this one"), "the password is told: {check}");

    let send = kawaraban(&config, &["send", "weekly", "--no-fetch"]).code(5);
    let send = format!("{:?}", send.get_output());
    assert!(send.contains("535"), "{send}");
    let list = kawaraban(&config, &["subscribers", "list", "--state", "confirmed", "--json"]).success();
    let list: serde_json::Value = serde_json::from_slice(&list.get_output().stdout).unwrap();
    assert_eq!(list.as_array().map(Vec::len), Some(3));
}
