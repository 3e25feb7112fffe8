public import Backbones
import Foundation
public import Tensors

extension Calibration {
    /// Canonical JSON, as it stands in a recipe.
    public var text: String {
        guard let data = try? CanonicalJSON.encode(self) else { preconditionFailure("strings always have JSON") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads `text`. Throws `InputError` where it is something else.
    public init(text: String) throws {
        do { self = try JSONDecoder().decode(Calibration.self, from: Data(text.utf8)) } catch {
            throw InputError("space", "its calibration cannot be read: \(error)", remedy: "Build into another store.")
        }
    }

    /// SHA-256 of `text`.
    public var fingerprint: Fingerprint { Fingerprint(of: Data(text.utf8)) }
}
