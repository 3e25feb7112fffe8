import Foundation
import Tensors

/// Machine-readable results on stdout.
enum JSONOutput {
    /// Prints `value` as indented JSON with sorted keys.
    static func print(_ value: some Encodable) throws {
        let data = try CanonicalJSON.encode(value, pretty: true)
        Swift.print(String(decoding: data, as: UTF8.self))
    }
}
