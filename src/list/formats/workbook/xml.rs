//! Reads an XML part of a workbook event by event.

use std::io::{BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::archive::damaged;
use super::error::WorkbookError;

/// A part that is read event by event.
pub(super) struct Xml<'a> {
    reader: Reader<Box<dyn BufRead + 'a>>,
    buffer: Vec<u8>,
}

impl<'a> Xml<'a> {
    /// Reads the part from its beginning. An empty element is read as a start and an end.
    pub fn new(part: impl Read + 'a) -> Self {
        let content: Box<dyn BufRead + 'a> = Box::new(BufReader::new(part));
        let mut reader = Reader::from_reader(content);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
        }
    }

    pub fn next(&mut self) -> Result<Event<'_>, WorkbookError> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer);
        event.map_err(damaged)
    }
}

/// The value of an attribute, whatever its prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, key: &str) -> Result<Option<String>, WorkbookError> {
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(damaged)?;
        if attribute.key.local_name().as_ref() == key {
            let text = unescape(&attribute.value).map_err(damaged)?;
            return Ok(Some(text.into_owned()));
        }
    }
    Ok(None)
}
