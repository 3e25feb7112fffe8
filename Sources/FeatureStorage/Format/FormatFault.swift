import Tensors

/// Why bytes of a segment cannot be used. The reader of a file turns it into an `InputError` that says where.
enum FormatFault: Error, Hashable {
    /// The bytes are not what was written.
    case damaged(String)
    /// The bytes are whole and from a later version of the format.
    case unknown(String)

    func error(_ object: String) -> InputError {
        switch self {
        case .damaged(let what):
            InputError(
                object, "is damaged: \(what)",
                remedy:
                    "The disk or a copy failed; `finetuner-cache verify` lists what is damaged, and `finetuner-cache repair` keeps the rest."
            )
        case .unknown(let what):
            InputError(object, "\(what), which this version does not know", remedy: "Use a newer finetuner-cache.")
        }
    }
}
