//! OLE2 files, written sector by sector as [MS-CFB] describes them.

use super::super::xls::measure;
use super::xls::{assert_needs, hwid, number, shared, stream};
use super::*;

const END_OF_CHAIN: u32 = 0xffff_fffe;

fn put(file: &mut [u8], at: usize, number: u32) {
    file[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

fn sector_of(numbers: &[u32], size: usize) -> Vec<u8> {
    let mut sector: Vec<u8> = numbers.iter().copied().flat_map(u32::to_le_bytes).collect();
    sector.resize(size, 0xff);
    sector
}

/// A header: the sector table is in sector 0, the directory in sector 1.
fn header(size: usize) -> Vec<u8> {
    let mut header = vec![0; size];
    header[..8].copy_from_slice(OLE2);
    let (version, shift) = if size == 512 { (3, 9) } else { (4, 12) };
    header[26..34].copy_from_slice(&[version, 0, 0xfe, 0xff, shift, 0, 6, 0]);
    put(&mut header, 44, 1);
    put(&mut header, 48, 1);
    put(&mut header, 56, 4_096);
    put(&mut header, 60, END_OF_CHAIN);
    put(&mut header, 68, END_OF_CHAIN);
    header[76..512].fill(0xff);
    put(&mut header, 76, 0);
    header
}

/// The sector table and the directory: the root, and a stream of this name and length. The sectors
/// from 2 on are one chain.
fn directory(size: usize, chain: usize, root: (u32, usize), stream: (&str, u32, usize)) -> Vec<u8> {
    let mut table = vec![0xffff_fffd, END_OF_CHAIN];
    table.extend((3..).take(chain - 1));
    table.push(END_OF_CHAIN);
    let mut file = sector_of(&table, size);
    for (name, kind, start, length) in [
        ("Root Entry", 5, root.0, root.1),
        (stream.0, 2, stream.1, stream.2),
    ] {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(128, 0);
        entry[66] = kind;
        put(&mut entry, 116, start);
        put(&mut entry, 120, u32::try_from(length).expect("small"));
        file.extend(entry);
    }
    file.resize(2 * size, 0);
    file
}

/// An OLE2 file with one stream of the name, which is at least 4,096 bytes long.
pub(super) fn ole2(name: &str, stream: &[u8]) -> Vec<u8> {
    of_sectors(512, name, stream)
}

fn of_sectors(size: usize, name: &str, stream: &[u8]) -> Vec<u8> {
    let sectors = stream.len().div_ceil(size);
    let directory = directory(size, sectors, (0, 0), (name, 2, stream.len()));
    let mut file = [&header(size), &directory, stream].concat();
    file.resize(size * (3 + sectors), 0);
    file
}

/// An OLE2 file whose only stream is so short that it is in small sectors: the last one holds its
/// beginning. The directory says that it has `length` bytes. As many as `unused` are in front of it.
fn of_small_sectors(stream: &[u8], length: usize, unused: u32) -> Vec<u8> {
    let pieces: Vec<&[u8]> = stream.chunks(64).collect();
    let count = u32::try_from(pieces.len()).expect("few");
    let mut small = vec![0; 64 * unused as usize];
    for piece in pieces.iter().rev() {
        small.extend_from_slice(piece);
        small.resize(small.len().next_multiple_of(64), 0);
    }
    let last = unused + count - 1;
    let mut table = vec![0xffff_ffff; unused as usize];
    table.push(END_OF_CHAIN);
    table.extend(unused..last);
    let tables = table.len().div_ceil(128);
    let sectors = u32::try_from(tables).expect("few");
    let mut directory = directory(
        512,
        tables + small.len().div_ceil(512),
        (2 + sectors, small.len()),
        ("Workbook", last, length),
    );
    // The table of small sectors is a chain of its own.
    put(&mut directory, 4 + 4 * tables, END_OF_CHAIN);
    // Half of the length means nothing in a file of small sectors.
    directory[512 + 128 + 124..512 + 256].fill(0xff);
    let mut header = header(512);
    put(&mut header, 60, 2);
    put(&mut header, 64, sectors);
    let table = sector_of(&table, 512 * tables);
    let mut file = [header, directory, table, small].concat();
    file.resize(file.len().next_multiple_of(512), 0);
    file
}

fn cells() -> Vec<u8> {
    stream(&hwid(), &[shared(0), number(2, 1)].concat())
}

fn assert_is_read(file: &[u8]) {
    assert_eq!(
        read(file, None, LIMIT).expect("a workbook").1,
        "HWID\n\n,42.5\n"
    );
    assert_needs(file, 3 * 2, 3 * 4 + 14);
}

#[test]
fn xls_of_any_sectors_is_read() {
    let mut padded = cells();
    padded.resize(9_000, 0);
    assert_is_read(&of_sectors(512, "Workbook", &padded));
    assert_is_read(&of_sectors(4_096, "book", &padded));
    let short = cells();
    assert!(short.len() > 2 * 64);
    assert_is_read(&of_small_sectors(&short, short.len(), 0));
    // In the second sector of their table.
    assert_is_read(&of_small_sectors(&short, short.len(), 128));
    // A stream that is shorter than the directory says is read up to its end.
    assert_is_read(&of_small_sectors(&short, 4_000, 0));
    // What follows the last sector of a stream does not matter.
    let mut whole = short;
    whole.resize(whole.len().next_multiple_of(64), 0);
    let mut file = of_small_sectors(&whole, whole.len(), 0);
    put(&mut file, 3 * 512, 999);
    assert_is_read(&file);
    // Nor does where small sectors would begin if there were any, and a mark isn't a sector.
    let mut file = of_sectors(512, "Workbook", &padded);
    put(&mut file, 60, 999);
    put(&mut file, 68, 0xffff_fffa);
    assert_is_read(&file);
}

#[test]
fn list_of_sector_tables_is_no_longer_than_the_file() {
    let mut file = ole2("Workbook", &[cells(), vec![0; 9_000]].concat());
    let most = file.len() / 512;
    for place in 0..most {
        put(&mut file, 76 + 4 * place, 0);
    }
    let measured = |file: &[u8]| measure(&mut Cursor::new(file), file.len() as u64, LIMIT);
    assert!(measured(&file).is_ok());
    put(&mut file, 76 + 4 * most, 0);
    let refused = measured(&file).expect_err("refused").to_string();
    assert!(refused.contains("is longer than the file"), "{refused}");
}

#[test]
fn broken_chains_of_sectors_are_errors() {
    let refused = |file: &[u8]| {
        let error = measure(&mut Cursor::new(file), file.len() as u64, LIMIT);
        error.expect_err("refused").to_string()
    };
    let mut small = of_small_sectors(&cells(), 4_000, 0);
    // The next small sector of the one with the beginning, which is in no table.
    let first = cells().len().div_ceil(64) - 1;
    put(&mut small, 3 * 512 + 4 * first, 999);
    assert!(refused(&small).contains("a chain of small sectors is broken"));

    // The list of the table's sectors goes on in the last sector of the file.
    let mut file = ole2("Workbook", &[cells(), vec![0; 9_000]].concat());
    let last = u32::try_from(file.len() / 512 - 1).expect("few");
    put(&mut file, 68, last);
    file.extend(sector_of(&[], 508));
    file.extend(END_OF_CHAIN.to_le_bytes());
    assert_is_read(&file);
    let end = file.len() - 4;
    put(&mut file, end, last);
    assert!(refused(&file).contains("its sector table has a loop"));
}
