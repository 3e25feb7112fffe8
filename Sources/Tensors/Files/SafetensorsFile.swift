public import Foundation

/// A safetensors file, checked whole when it is opened: the header is at most 100 MB of JSON, every tensor's bytes are as
/// many as its shape and type say, and tensors fill the data without a hole or an overlap (huggingface/safetensors, the
/// format's own rules).
public struct SafetensorsFile: Sendable {
    /// What the header says of one tensor.
    public struct Entry: Sendable, Hashable {
        /// How its numbers are stored.
        public let type: ElementType
        /// The length of each dimension.
        public let shape: [Int]
        /// Where its bytes are, counted from the start of the file.
        public let bytes: Range<Int>
    }

    /// The tensors by name.
    public let entries: [String: Entry]
    /// The free-form strings of `__metadata__`.
    public let metadata: [String: String]
    private let file: MappedFile

    private static let largestHeader = 100_000_000

    /// Opens and checks the file at `path`. Throws `InputError` naming the first thing that is wrong.
    public init(path: String) throws {
        file = try MappedFile(path: path)
        let count = file.count
        (entries, metadata) = try file.withUnsafeBytes { bytes in
            do { return try Self.header(of: bytes) } catch let error as InputError { throw error.within(path) }
        }
        precondition(entries.values.allSatisfy { $0.bytes.upperBound <= count })
    }

    /// The tensor called `name` as `Float`, or nil where there is none.
    public func tensor(_ name: String) -> DenseTensor? {
        guard let entry = entries[name] else { return nil }
        let elements = file.withUnsafeBytes { bytes in
            entry.type.floats(
                in: UnsafeRawBufferPointer(rebasing: bytes[entry.bytes]), count: entry.bytes.count / entry.type.size)
        }
        return DenseTensor(shape: entry.shape, elements: elements)
    }

    private static func header(
        of bytes: UnsafeRawBufferPointer
    ) throws -> (entries: [String: Entry], metadata: [String: String]) {
        let remedy = "The file is damaged or is not safetensors; get it again."
        guard bytes.count >= 8 else {
            throw InputError("header", "the file has only \(bytes.count) bytes", remedy: remedy)
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(largestHeader), length <= UInt64(bytes.count - 8) else {
            throw InputError("header", "claims \(length) bytes in a file of \(bytes.count)", remedy: remedy)
        }
        let start = 8 + Int(length)
        let json = Data(bytes[8..<start])
        guard json.first == UInt8(ascii: "{"),
            let fields = try? JSONDecoder().decode([String: HeaderField].self, from: json)
        else { throw InputError("header", "is not the JSON that safetensors asks for", remedy: remedy) }
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for (name, field) in fields {
            switch field {
            case .metadata(let strings) where name == "__metadata__": metadata = strings
            case .tensor(let claim) where name != "__metadata__":
                entries[name] = try entry(named: name, claim, dataStart: start, dataEnd: bytes.count)
            default: throw InputError("tensor '\(name)'", "has no dtype, shape and data_offsets", remedy: remedy)
            }
        }
        try checkCoverage(entries, start: start, end: bytes.count)
        return (entries, metadata)
    }

    private static func entry(
        named name: String, _ claim: TensorClaim, dataStart: Int, dataEnd: Int
    ) throws -> Entry {
        let object = "tensor '\(name)'"
        guard let type = ElementType(rawValue: claim.dtype) else {
            let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
            throw InputError(object, "has the type \(claim.dtype)", remedy: "Types that can be read: \(known).")
        }
        guard let count = DenseTensor.elementCount(of: claim.shape),
            !count.multipliedReportingOverflow(by: type.size).overflow
        else { throw InputError(object, "has the impossible shape \(claim.shape)") }
        guard claim.data_offsets.count == 2, let low = claim.data_offsets.first, let high = claim.data_offsets.last,
            low >= 0, low <= high, high <= dataEnd - dataStart
        else { throw InputError(object, "lies outside the file, at \(claim.data_offsets)") }
        guard high - low == count * type.size else {
            throw InputError(
                object, "has \(high - low) bytes where its shape \(claim.shape) needs \(count * type.size)")
        }
        return Entry(type: type, shape: claim.shape, bytes: dataStart + low..<dataStart + high)
    }

    private static func checkCoverage(_ entries: [String: Entry], start: Int, end: Int) throws {
        var position = start
        let ordered = entries.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
                < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
        }
        for (name, entry) in ordered {
            guard entry.bytes.lowerBound == position else {
                let fact = entry.bytes.lowerBound < position ? "overlaps the one before it" : "leaves a hole before it"
                throw InputError("tensor '\(name)'", fact)
            }
            position = entry.bytes.upperBound
        }
        guard position == end else { throw InputError("data", "\(end - position) bytes belong to no tensor") }
    }

    private struct TensorClaim: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    private enum HeaderField: Decodable {
        case tensor(TensorClaim)
        case metadata([String: String])

        init(from decoder: any Decoder) throws {
            if let claim = try? TensorClaim(from: decoder) {
                self = .tensor(claim)
            } else {
                self = .metadata(try decoder.singleValueContainer().decode([String: String].self))
            }
        }
    }
}

extension SafetensorsFile {
    /// The bytes of a safetensors file with the given `Float` tensors, sorted by name: the same tensors and metadata give
    /// the same bytes. Readers of numpy, torch and safetensors open it.
    public static func encode(_ tensors: [String: DenseTensor], metadata: [String: String] = [:]) throws -> Data {
        struct Header: Encodable {
            let dtype = "F32"
            let shape: [Int]
            let data_offsets: [Int]
        }
        var json = Data("{".utf8)
        if !metadata.isEmpty { json += Data("\"__metadata__\":".utf8) + (try CanonicalJSON.encode(metadata)) }
        var offset = 0
        let ordered = tensors.sorted { $0.key < $1.key }
        for (name, tensor) in ordered {
            let end = offset + tensor.elements.count * 4
            if json.count > 1 { json += Data(",".utf8) }
            json += try CanonicalJSON.encode(name) + Data(":".utf8)
            json += try CanonicalJSON.encode(Header(shape: tensor.shape, data_offsets: [offset, end]))
            offset = end
        }
        json += Data("}".utf8)
        json += Data(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)  // data starts 8-byte aligned
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
        file.reserveCapacity(file.count + offset)
        for (_, tensor) in ordered { tensor.elements.withUnsafeBytes { file.append(contentsOf: $0) } }
        return file
    }
}
