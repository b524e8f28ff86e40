//! Month names, weekday names and time zone abbreviations, after [`fold`].
//!
//! Names are those of the Unicode CLDR for English, German, French, Spanish, Italian, Portuguese,
//! Dutch, Polish, Czech, Japanese, Chinese and Korean, full and short.

/// Lower case without diacritics, invisible characters and full-width forms; dashes become `-`,
/// blanks become spaces.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_ascii_control() || c.is_whitespace() => folded.push(' '),
            // Marks of direction, as Internet Explorer writes them between the parts of a date, and
            // combining accents.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{300}'..='\u{36f}' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            '\u{ff01}'..='\u{ff5e}' => folded.extend(
                char::from_u32(u32::from(c) - 0xfee0).map(|narrow| narrow.to_ascii_lowercase()),
            ),
            _ => folded.extend(c.to_lowercase().map(base_letter)),
        }
    }
    folded
}

fn base_letter(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' => 'd',
        'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ř' => 'r',
        'ś' | 'š' => 's',
        'ť' => 't',
        'ú' | 'ù' | 'û' | 'ü' | 'ů' => 'u',
        'ý' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => c,
    }
}

/// Whether the whole text says that there is no date.
#[rustfmt::skip]
pub(super) fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "never" | "nie" | "jamais" | "nunca" | "mai" | "nooit" | "nigdy" | "nikdy"
            | "n/a" | "n.a." | "na" | "#n/a" | "none" | "null" | "(null)" | "(blank)" | "nil"
            | "nan" | "nat" | "-" | "--" | "---" | "unknown" | "not available"
    )
}

/// The number of a month, 1 to 12.
#[rustfmt::skip]
pub(super) fn month(word: &str) -> Option<i16> {
    Some(match word {
        "january" | "jan" | "januar" | "janner" | "jaenner" | "janvier" | "janv" | "enero" | "ene"
        | "gennaio" | "gen" | "janeiro" | "januari" | "styczen" | "stycznia" | "sty"
        | "leden" | "ledna" | "led" => 1,
        "february" | "feb" | "februar" | "feber" | "febr" | "fevrier" | "fevr" | "febrero"
        | "febbraio" | "fevereiro" | "fev" | "februari" | "luty" | "lutego" | "lut"
        | "unor" | "unora" | "uno" => 2,
        "march" | "mar" | "marz" | "maerz" | "mrz" | "mars" | "marzo" | "marco" | "maart" | "mrt"
        | "marzec" | "marca" | "brezen" | "brezna" | "bre" => 3,
        "april" | "apr" | "avril" | "avr" | "abril" | "abr" | "aprile" | "kwiecien" | "kwietnia"
        | "kwi" | "duben" | "dubna" | "dub" => 4,
        "may" | "mai" | "mayo" | "maggio" | "mag" | "maio" | "mei" | "maj" | "maja"
        | "kveten" | "kvetna" | "kve" => 5,
        "june" | "jun" | "juni" | "juin" | "junio" | "giugno" | "giu" | "junho" | "czerwiec"
        | "czerwca" | "cze" | "cerven" | "cervna" | "cvn" => 6,
        "july" | "jul" | "juli" | "juillet" | "juil" | "julio" | "luglio" | "lug" | "julho"
        | "lipiec" | "lipca" | "lip" | "cervenec" | "cervence" | "cvc" => 7,
        "august" | "aug" | "aout" | "agosto" | "ago" | "augustus" | "sierpien" | "sierpnia" | "sie"
        | "srpen" | "srpna" | "srp" => 8,
        "september" | "sep" | "sept" | "septembre" | "septiembre" | "setiembre" | "settembre"
        | "set" | "sett" | "setembro" | "wrzesien" | "wrzesnia" | "wrz" | "zari" | "zar" => 9,
        "october" | "oct" | "oktober" | "okt" | "octobre" | "octubre" | "ottobre" | "ott"
        | "outubro" | "out" | "pazdziernik" | "pazdziernika" | "paz" | "rijen" | "rijna" | "rij" => 10,
        "november" | "nov" | "novembre" | "noviembre" | "novembro" | "listopad" | "listopada"
        | "listopadu" | "lis" => 11,
        "december" | "dec" | "dezember" | "dez" | "decembre" | "diciembre" | "dic" | "dicembre"
        | "dezembro" | "grudzien" | "grudnia" | "gru" | "prosinec" | "prosince" | "pro" => 12,
        _ => return None,
    })
}

/// Whether this names a day of the week. Some short names also name a month (`mar`) or a time zone
/// (`ct`, `pt`).
#[rustfmt::skip]
pub(super) fn is_weekday(word: &str) -> bool {
    matches!(
        word,
        "monday" | "mon" | "tuesday" | "tue" | "tues" | "wednesday" | "wed" | "thursday" | "thu"
        | "thur" | "thurs" | "friday" | "fri" | "saturday" | "sat" | "sunday" | "sun"
        | "montag" | "mo" | "dienstag" | "di" | "mittwoch" | "mi" | "donnerstag" | "do" | "freitag"
        | "fr" | "samstag" | "sonnabend" | "sa" | "sonntag" | "so"
        | "lundi" | "lun" | "mardi" | "mar" | "mercredi" | "mer" | "jeudi" | "jeu" | "vendredi"
        | "ven" | "samedi" | "sam" | "dimanche" | "dim"
        | "lunes" | "martes" | "miercoles" | "mie" | "jueves" | "jue" | "viernes" | "vie"
        | "sabado" | "sab" | "domingo" | "dom"
        | "lunedi" | "martedi" | "mercoledi" | "giovedi" | "gio" | "venerdi" | "sabato" | "domenica"
        | "segunda" | "seg" | "terca" | "ter" | "quarta" | "qua" | "quinta" | "qui" | "sexta" | "sex"
        | "maandag" | "ma" | "dinsdag" | "woensdag" | "wo" | "donderdag" | "vrijdag" | "vr"
        | "zaterdag" | "za" | "zondag" | "zo"
        | "poniedzialek" | "pon" | "pn" | "wtorek" | "wt" | "sroda" | "sr" | "czwartek" | "czw"
        | "piatek" | "pt" | "sobota" | "sob" | "niedziela" | "niedz" | "ndz"
        | "pondeli" | "po" | "utery" | "ut" | "streda" | "st" | "ctvrtek" | "ct" | "patek" | "pa"
        | "nedele" | "ne"
        | "月" | "火" | "水" | "木" | "金" | "土" | "日"
        | "月曜日" | "火曜日" | "水曜日" | "木曜日" | "金曜日" | "土曜日" | "日曜日"
        | "星期一" | "星期二" | "星期三" | "星期四" | "星期五" | "星期六" | "星期日" | "星期天"
        | "周一" | "周二" | "周三" | "周四" | "周五" | "周六" | "周日"
        | "월요일" | "화요일" | "수요일" | "목요일" | "금요일" | "토요일" | "일요일"
        | "월" | "화" | "수" | "목" | "금" | "토" | "일"
    )
}

/// Prepositions before the time of day (`at 8:00`, `um 8:00`, `à 8:00`). Only text before the time
/// may be taken for one: after it, `at` could be a time zone.
pub(super) fn precedes_clock(word: &str) -> bool {
    matches!(
        word,
        "at" | "um" | "a" | "as" | "las" | "alle" | "ore" | "om" | "o" | "v" | "godz"
    )
}

/// Prepositions within a date (`12 de octubre de 2026`, `12th of October`).
pub(super) fn joins_date(word: &str) -> bool {
    matches!(word, "de" | "del" | "of")
}

/// The offset of a zone in minutes, in the meaning of RFC 2822 where that has one.
pub(super) fn zone_minutes(word: &str) -> Option<i32> {
    Some(match word {
        "utc" | "gmt" | "z" | "wet" => 0,
        "west" | "bst" | "cet" => 60,
        "cest" | "eet" => 120,
        "eest" | "msk" => 180,
        "edt" => -240,
        "est" | "cdt" => -300,
        "cst" | "mdt" => -360,
        "mst" | "pdt" => -420,
        "pst" | "akdt" => -480,
        "akst" => -540,
        "hst" => -600,
        "jst" | "kst" => 540,
        "aest" => 600,
        "aedt" => 660,
        "acst" => 570,
        "awst" | "sgt" | "hkt" => 480,
        "nzst" => 720,
        "nzdt" => 780,
        _ => return None,
    })
}

/// Abbreviations that stand for several zones; without an offset beside them they are unreadable.
pub(super) fn is_ambiguous_zone(word: &str) -> bool {
    matches!(word, "ist" | "ast" | "adt" | "gst" | "sst" | "met")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn every_month_has_its_names() {
        for names in [
            "January February March April May June July August September October November December",
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
            "januari februari maart april mei juni juli augustus september oktober november december",
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
            "ledna února března dubna května června července srpna září října listopadu prosince",
        ] {
            let numbers: Vec<_> = names.split(' ').map(|name| month(&fold(name))).collect();
            assert_eq!(numbers, (1..=12).map(Some).collect::<Vec<_>>(), "{names}");
        }
    }

    #[test]
    fn fold_removes_the_accents_of_names() {
        let accented = "ÁàâãäåąçćčďÉèêëęěíìîïłñńňóòôõöřśšťúùûüůýźżž";
        let plain = "aaaaaaacccdeeeeeeiiiilnnnooooorsstuuuuuyzzz";
        assert_eq!(fold(accented), plain);
    }

    /// As RFC 2822 has them, and the time zone database for the others.
    #[test]
    fn zones_have_their_offsets() {
        for (names, minutes) in [
            ("utc gmt z wet", 0),
            ("west bst cet", 60),
            ("cest eet", 120),
            ("eest msk", 180),
            ("edt", -240),
            ("est cdt", -300),
            ("cst mdt", -360),
            ("mst pdt", -420),
            ("pst akdt", -480),
            ("akst", -540),
            ("hst", -600),
            ("jst kst", 540),
            ("aest", 600),
            ("aedt", 660),
            ("acst", 570),
            ("awst sgt hkt", 480),
            ("nzst", 720),
            ("nzdt", 780),
        ] {
            for name in names.split(' ') {
                assert_eq!(zone_minutes(name), Some(minutes), "{name}");
            }
        }
    }
}
