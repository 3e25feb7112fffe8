public import Foundation

/// JSON with one spelling per value, for fingerprints and for files that should be the same bytes when nothing changed.
public enum CanonicalJSON {
    /// UTF-8 JSON with sorted keys and unescaped slashes; indented where `pretty`, without white space otherwise.
    public static func encode(_ value: some Encodable, pretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value)
    }
}
