import COpenSSL
public import Foundation

/// A SHA-256 digest that names content: a picture's bytes, a weights file, a feature space, a head.
public struct Fingerprint: Sendable, Hashable, Codable, CustomStringConvertible, Comparable {
    /// The bytes of a digest.
    package static let byteCount = 32

    /// Kept inline: a set of a million fingerprints takes no million small arrays.
    private var words = SIMD4<UInt64>()

    /// A fingerprint from its 32 bytes, or nil where there are not 32.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// A fingerprint from memory that holds exactly 32 bytes.
    package init(in memory: UnsafeRawBufferPointer) {
        precondition(memory.count == Self.byteCount, "a fingerprint of \(memory.count) bytes")
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: memory) }
    }

    /// The 32 bytes of the digest.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// A fingerprint from its 64 hexadecimal digits, or nil where `hex` is something else.
    public init?(hex: String) {
        guard let bytes = Hexadecimal.bytes(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// The fingerprint of the bytes in memory.
    public init(of data: some ContiguousBytes) {
        var hasher = FingerprintHasher()
        hasher.update(data)
        self = hasher.finish()
    }

    /// The fingerprint of a file's bytes, read in pieces. Throws `InputError` where it cannot be read.
    public init(ofFileAt path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let reason = InputError.systemReason
            throw InputError(path, "cannot be opened: \(reason)", remedy: "Check its name and your rights there.")
        }
        defer { try? handle.close() }
        var hasher = FingerprintHasher()
        do {
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hasher.update(piece) }
        } catch {
            throw InputError(path, "cannot be read: \(error.localizedDescription)")
        }
        self = hasher.finish()
    }

    /// The fingerprint of a value's canonical JSON: keys sorted, no white space, slashes not escaped.
    public init(ofCanonicalJSON value: some Encodable) throws {
        self.init(of: try CanonicalJSON.encode(value))
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public var hex: String { Hexadecimal.string(of: bytes) }

    /// The first 12 hexadecimal digits, enough for a person.
    public var short: String { String(hex.prefix(12)) }

    /// The hexadecimal form.
    public var description: String { hex }

    /// Whether its hexadecimal form begins with these digits, each 0...15; takes no memory.
    public func begins(withDigits digits: [UInt8]) -> Bool {
        guard digits.count <= 2 * Self.byteCount else { return false }
        return withUnsafeBytes(of: words) { bytes in
            digits.indices.allSatisfy { place in
                let byte = bytes[place / 2]
                return (place % 2 == 0 ? byte >> 4 : byte & 15) == digits[place]
            }
        }
    }

    /// Orders by bytes.
    public static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// One word is enough: the words are SHA-256 and as good as random.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.x) }

    /// Reads the hexadecimal form.
    public init(from decoder: any Decoder) throws {
        let hex = try decoder.singleValueContainer().decode(String.self)
        guard let value = Fingerprint(hex: hex) else { throw InputError(hex, "is not a SHA-256 in hexadecimal") }
        self = value
    }

    /// Writes the hexadecimal form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

/// SHA-256 fed piece by piece.
public struct FingerprintHasher: ~Copyable {
    private let context: OpaquePointer

    /// A hasher that has seen nothing.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto has no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Feeds bytes.
    public mutating func update(_ data: some ContiguousBytes) {
        data.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// The fingerprint of all bytes fed so far; the hasher is used up.
    public consuming func finish() -> Fingerprint {
        var bytes = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &bytes, nil)
        guard let result = Fingerprint(bytes: bytes) else { preconditionFailure("a digest has 32 bytes") }
        return result
    }
}
