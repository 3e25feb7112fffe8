import Foundation
import ImageInput
import Tensors

/// Scalars by step, and pictures, as TensorBoard reads them: records of length, CRC, protocol buffer and CRC (TensorFlow's TFRecord format),
/// whose messages are `tensorflow.Event` with `summary.value.simple_value` and `summary.value.image`.
struct EventFile {
    /// The file's path; made with the first scalar.
    let path: String

    /// A file in `folder` whose name TensorBoard looks for.
    init(folder: String) { path = "\(folder)/events.out.tfevents.0.finetuner-cache" }

    /// What is known of a step.
    struct Event {
        let step: Int
        let time: Double
        var scalars: [String: Double] = [:]
        var pictures: [String: Picture] = [:]
    }

    /// The bytes of a file with these scalars and pictures, by name; one event for each step.
    static func encoded(_ events: [Event]) -> Data {
        events.reduce(into: header(events.first?.time ?? 0)) { $0 += encoded($1) }
    }

    private static func header(_ time: Double) -> Data {
        record(Message().double(1, time).string(3, "brain.Event:2").data)
    }

    private static func encoded(_ event: Event) -> Data {
        var summary = Message()
        for (name, value) in event.scalars.sorted(by: { $0.key < $1.key }) {
            summary = summary.message(1, Message().string(1, name).float(2, Float(value)))
        }
        for (name, picture) in event.pictures.sorted(by: { $0.key < $1.key }) {
            summary = summary.message(1, Message().string(1, name).message(4, image(picture)))
        }
        return record(Message().double(1, event.time).integer(2, UInt64(event.step)).message(5, summary).data)
    }

    /// A `tensorflow.Summary.Image`: height, width, three channels, PNG.
    private static func image(_ picture: Picture) -> Message {
        Message().integer(1, UInt64(picture.height)).integer(2, UInt64(picture.width)).integer(3, 3)
            .bytes(4, picture.pngFile())
    }

    /// Writes the file anew with these scalars and pictures, so that a run that is gone on with shows no step twice. Throws
    /// `InputError` where it cannot be written.
    func write(_ events: [Event]) throws {
        try AtomicFile.write(Self.encoded(events), to: path)
    }

    /// Adds an event to the file, which TensorBoard sees while it looks at it; makes the file where there is none. Throws
    /// `InputError` where it cannot be written.
    func append(_ event: Event) throws {
        let isThere = access(path, F_OK) == 0
        try GrowingFile.append((isThere ? Data() : Self.header(event.time)) + Self.encoded(event), to: path)
    }

    private static func record(_ payload: Data) -> Data {
        let length = littleEndian(UInt64(payload.count))
        return length + littleEndian(masked(length)) + payload + littleEndian(masked(payload))
    }

    /// TFRecord's masked CRC32C: a CRC of data that holds CRCs itself would be weak.
    private static func masked(_ data: Data) -> UInt32 {
        let checksum = Checksum.crc32c([UInt8](data))
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }

    private static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> Data {
        withUnsafeBytes(of: number.littleEndian) { Data($0) }
    }

    /// Fields of a protocol buffer one after the other.
    private struct Message {
        private(set) var data = Data()

        private enum Kind: UInt64 { case varint = 0, bytes8 = 1, delimited = 2, bytes4 = 5 }

        private func adding(_ field: UInt64, _ kind: Kind, _ value: Data) -> Message {
            var copy = self
            copy.data += Self.varint(field << 3 | kind.rawValue) + value
            return copy
        }

        func double(_ field: UInt64, _ value: Double) -> Message {
            adding(field, .bytes8, littleEndian(value.bitPattern))
        }
        func float(_ field: UInt64, _ value: Float) -> Message {
            adding(field, .bytes4, littleEndian(value.bitPattern))
        }
        func integer(_ field: UInt64, _ value: UInt64) -> Message { adding(field, .varint, Self.varint(value)) }
        func string(_ field: UInt64, _ value: String) -> Message { delimited(field, Data(value.utf8)) }
        func bytes(_ field: UInt64, _ value: Data) -> Message { delimited(field, value) }
        func message(_ field: UInt64, _ value: Message) -> Message { delimited(field, value.data) }

        private func delimited(_ field: UInt64, _ value: Data) -> Message {
            adding(field, .delimited, Self.varint(UInt64(value.count)) + value)
        }

        private static func varint(_ number: UInt64) -> Data {
            var (bytes, rest) = (Data(), number)
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
            return bytes
        }
    }
}
