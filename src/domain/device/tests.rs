use super::*;
use proptest::prelude::*;

#[test]
fn all_four_mac_notations_are_one_address() {
    for text in [
        "00:0c:29:cd:c7:b2",
        "00-0C-29-CD-C7-B2",
        "000c.29cd.c7b2",
        " 000c29cdC7b2 ",
    ] {
        let mac = MacAddress::parse(text).expect(text);
        assert_eq!(mac.to_string(), "00:0c:29:cd:c7:b2");
    }
}

#[test]
fn macs_that_name_nobody_are_refused() {
    use IdentifierError as E;
    for (text, error) in [
        ("", E::Empty),
        ("00:00:00:00:00:00", E::ZeroMac),
        ("ff-ff-ff-ff-ff-ff", E::BroadcastMac),
        ("01:00:5e:00:00:fb", E::MulticastMac),
        ("00:0c:29:cd:c7", E::NotAMac),
        ("00:0c-29:cd:c7:b2", E::NotAMac),
        ("00:0c:29:cd:c7:g2", E::NotAMac),
        ("000c:29cd:c7b2", E::NotAMac),
        ("000c29cdc7b²", E::NotAMac),
    ] {
        assert_eq!(MacAddress::parse(text), Err(error), "{text}");
    }
}

#[test]
fn addresses_of_virtual_adapters_are_known() {
    for text in [
        "02:00:4c:4f:4f:50",
        "00:50:56:c0:00:08",
        "02:42:ac:11:00:02",
        "0a:00:27:00:00:10",
        "02:00:00:00:00:00",
        "22:22:22:22:22:22",
        "00:11:22:33:44:55",
    ] {
        assert!(
            MacAddress::parse(text).expect(text).is_known_constant(),
            "{text}"
        );
    }
    assert!(
        !MacAddress::parse("00:0c:29:cd:c7:b2")
            .expect("a mac")
            .is_known_constant()
    );
}

#[test]
fn hwids_that_are_written_in_place_of_one_are_known() {
    let is_constant = |text: &str| Hwid::parse(text).expect(text).is_known_constant();
    for text in [
        "FFFFFFFFFFFFFFFF",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "xxxxxxxx",
        "FEFEFEFE-FEFE-FEFE-FEFE-FEFEFEFEFEFE",
        "0123456789ABCDEF",
        "01234567",
        "0123456789abcdef0123456789abcdef",
        "123456789",
        "123456789012345678",
        "123456789123456789",
        "1234-5678-9ABC-DEF0",
        "03000200-0400-0500-0006-000700080009",
    ] {
        assert!(is_constant(text), "{text}");
    }
    for text in [
        "FFFFFFF",
        "12ds44f5gacd52234",
        "FFFFFFFFFFFFFFFE",
        "4C4C4544-0042-3510-8058-B9C04F4E3732",
        "1234567898",
        "0123456789ABCDE0",
        "123123123123",
    ] {
        assert!(!is_constant(text), "{text}");
    }
}

#[test]
fn hwids_keep_to_what_a_url_path_can_carry() {
    use IdentifierError as E;
    assert_eq!(
        Hwid::parse(" 12ds44f5gacd52234 ").expect("a hwid").as_str(),
        "12ds44f5gacd52234"
    );
    for (text, error) in [
        ("  ", E::Empty),
        (".", E::HwidCharacter),
        ("..", E::HwidCharacter),
        ("a b", E::HwidCharacter),
        ("a/b", E::HwidCharacter),
        ("a%b", E::HwidCharacter),
        ("a,b", E::HwidCharacter),
        ("a+b", E::HwidCharacter),
        ("=\"a\"", E::HwidCharacter),
        (":---:", E::HwidCharacter),
        ("a\u{7f}", E::HwidCharacter),
        ("café", E::HwidCharacter),
    ] {
        assert_eq!(Hwid::parse(text), Err(error), "{text}");
    }
    assert!(Hwid::parse(&"x".repeat(128)).is_ok());
    assert_eq!(Hwid::parse(&"x".repeat(129)), Err(E::HwidTooLong));
}

proptest! {
    #[test]
    fn shown_mac_parses_back(octets in any::<[u8; 6]>()) {
        if let Ok(mac) = MacAddress::from_octets(octets) {
            prop_assert_eq!(MacAddress::parse(&mac.to_string()), Ok(mac));
        }
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in any::<String>()) {
        let _ = MacAddress::parse(&text);
        let _ = Hwid::parse(&text);
    }
}
