//! `.xls` workbooks, written record by record as [MS-CFB] and [MS-XLS] describe them.

use super::super::OLE2;
use super::{LIMIT, error, read};

/// An OLE2 file with one stream of the name, which is at least 4,096 bytes long.
pub(super) fn ole2(name: &str, stream: &[u8]) -> Vec<u8> {
    let sectors = stream.len().div_ceil(512);
    let mut header = vec![0_u8; 512];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, OLE2);
    put(26, &[3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    put(44, &1_u32.to_le_bytes());
    put(48, &1_u32.to_le_bytes());
    put(56, &4_096_u32.to_le_bytes());
    put(60, &0xffff_fffe_u32.to_le_bytes());
    put(68, &0xffff_fffe_u32.to_le_bytes());
    put(76, &[0xff; 436]);
    put(76, &0_u32.to_le_bytes());
    let mut table = vec![0xffff_fffd_u32, 0xffff_fffe];
    table.extend((3..).take(sectors - 1));
    table.push(0xffff_fffe);
    table.resize(128, 0xffff_ffff);
    let mut file = header;
    file.extend(table.iter().flat_map(|next| next.to_le_bytes()));
    for (name, kind, start, length) in [
        ("Root Entry", 5, 0xffff_fffe, 0),
        (name, 2, 2_u32, stream.len()),
        ("", 0, 0, 0),
        ("", 0, 0, 0),
    ] {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(128, 0);
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&u32::try_from(length).expect("small").to_le_bytes());
        file.extend(entry);
    }
    file.extend_from_slice(stream);
    file.resize(512 * (3 + sectors), 0);
    file
}

pub(super) fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("small");
    [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

pub(super) fn xls(cells: &[u8]) -> Vec<u8> {
    let begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let texts = record(0x00fc, b"\x01\0\0\0\x01\0\0\0\x04\0\0HWID");
    let format = record(0x00e0, &[0; 20]);
    let end = record(0x000a, &[]);
    let start = begin.len() + format.len() + 4 + 11 + texts.len() + end.len();
    let start = u32::try_from(start).expect("small").to_le_bytes();
    let sheet = record(0x0085, &[&start[..], b"\0\0\x03\0Old"].concat());
    let mut stream = [
        &begin[..],
        &format,
        &sheet,
        &texts,
        &end,
        &begin,
        cells,
        &end,
    ]
    .concat();
    stream.resize(stream.len().max(4_096), 0);
    ole2("Workbook", &stream)
}

pub(super) fn shared(row: u16) -> Vec<u8> {
    record(0x00fd, &[&row.to_le_bytes()[..], &[0; 8]].concat())
}

#[test]
fn xls_is_read_and_a_sparse_one_refused() {
    let number = record(
        0x0203,
        &[&[2, 0, 1, 0, 0, 0][..], &42.5_f64.to_le_bytes()].concat(),
    );
    let (sheet, text) = read(&xls(&[shared(0), number].concat()), None, LIMIT).expect("a workbook");
    assert_eq!(
        (sheet.name.as_str(), text.as_str()),
        ("Old", "HWID\n\n,42.5\n")
    );
    let far = record(
        0x0203,
        &[&[0xff, 0xff, 0xff, 0, 0, 0][..], &[0; 8]].concat(),
    );
    let message = error(&xls(&[shared(0), far].concat()), LIMIT);
    assert!(
        message.contains("8388608 bytes") && message.contains("max_expanded"),
        "{message}"
    );
}

#[test]
fn xls_may_need_an_eighth_of_the_limit() {
    let cells = record(
        0x0203,
        &[&[0xff, 0x0f, 0x0f, 0, 0, 0][..], &[0; 8]].concat(),
    );
    // 4,096 rows by 16 columns, of which only two cells are filled.
    let file = xls(&[shared(0), cells].concat());
    let needed = 2 * file.len() as u64 + 4_096 * 16 * size_of::<calamine::Data>() as u64;
    assert!(read(&file, None, 8 * (needed + 1_024)).is_ok());
    assert!(error(&file, 8 * needed).contains("save it as .xlsx or CSV, or raise `max_expanded`"));
}

#[test]
fn xls_texts_in_two_byte_units_are_combined() {
    let label = |row: u16, text: &[u8]| {
        let length = u16::try_from(text.len()).expect("small").to_le_bytes();
        record(
            0x0204,
            &[&row.to_le_bytes()[..], &[0; 4], &length, &[0], text].concat(),
        )
    };
    let cells = [label(0, b"H\0W\0I\0D\0"), label(1, b"a\0b")].concat();
    assert_eq!(
        read(&xls(&cells), None, LIMIT).expect("a workbook").1,
        "HWID\nab\n"
    );
}
