import Tensors

/// How long the learning rate rises from 0 at the beginning of a run: a number of steps, or a fraction of all steps. As text
/// it is `100` or `0.1`.
public enum Warmup: Sendable, Hashable {
    /// A number of steps, at least 0.
    case steps(Int)
    /// A fraction of the run, between 0 and 1.
    case fraction(Double)

    /// No warm-up.
    public static let none = Warmup.steps(0)

    /// Reads `text`: a whole number is steps, a number between 0 and 1 is a fraction. Throws `InputError` for anything else.
    public init(parsing text: String) throws {
        // Double also reads hexadecimal numbers and names.
        let isPlain = text.allSatisfy("0123456789.e-".contains)
        if let steps = Int(text), isPlain, steps >= 0 {
            self = .steps(steps)
        } else if let fraction = Double(text), isPlain, fraction > 0, fraction < 1 {
            self = .fraction(fraction)
        } else {
            throw InputError(
                "warm-up \"\(text.prefix(20))\"", "cannot be used",
                remedy:
                    "Give a whole number of steps such as 100, or a fraction of the run between 0 and 1 such as 0.1.")
        }
    }

    /// The steps in a run of `total`; a fraction is rounded up, as Hugging Face's `warmup_ratio` is.
    public func steps(of total: Int) -> Int {
        switch self {
        case .steps(let steps): steps
        case .fraction(let fraction): Int((Double(total) * fraction).rounded(.up))
        }
    }
}

extension Warmup: CustomStringConvertible {
    /// The text that `init(parsing:)` reads.
    public var description: String {
        switch self {
        case .steps(let steps): "\(steps)"
        case .fraction(let fraction): "\(fraction)"
        }
    }
}

extension Warmup: Codable {
    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
