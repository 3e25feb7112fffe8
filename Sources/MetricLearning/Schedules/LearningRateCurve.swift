import Tensors

/// How a learning rate changes over a run; names, formulas and defaults are those of Hugging Face transformers'
/// `get_scheduler`. As one line it is `cosine(num_cycles=0.5)`.
public enum LearningRateCurve: Sendable, Hashable {
    /// The base rate in every step; a warm-up is not looked at.
    case constant
    /// The base rate after the warm-up.
    case constantWithWarmup
    /// Down to 0 at the end of the run.
    case linear
    /// Down to 0 along `cycles` waves of a cosine; half a wave ends at 0.
    case cosine(cycles: Double = 0.5)
    /// `cycles` times down to 0 along half a wave of a cosine, from the base rate each time.
    case cosineWithRestarts(cycles: Int = 1)
    /// Down to `finalRate` along a power of what is left of the run.
    case polynomial(power: Double = 1, finalRate: Double = 1e-7)

    /// All curves.
    public static let entries = [
        CatalogEntry(name: "constant", summary: "the same rate throughout", settings: []),
        CatalogEntry(name: "constant_with_warmup", summary: "the same rate after the warm-up", settings: []),
        CatalogEntry(name: "linear", summary: "straight down to 0", settings: []),
        CatalogEntry(name: "cosine", summary: "down to 0 along a cosine", settings: ["num_cycles"]),
        CatalogEntry(
            name: "cosine_with_restarts", summary: "down to 0 along a cosine, several times",
            settings: ["num_cycles"]),
        CatalogEntry(
            name: "polynomial", summary: "down to lr_end along a power of what is left",
            settings: ["lr_end", "power"]),
    ]

    /// The described curve. Throws `InputError` where the name or a setting is not known or a setting is out of its range.
    public init(_ description: ComponentDescription) throws {
        let entry = try Self.entries.entry("schedule", named: description.name)
        let settings = try ComponentArguments(description, known: entry.known)
        switch entry.name {
        case "constant": self = .constant
        case "constant_with_warmup": self = .constantWithWarmup
        case "linear": self = .linear
        case "cosine": self = .cosine(cycles: try settings.number("num_cycles", 0.5, in: 0...1e6))
        case "cosine_with_restarts":
            self = .cosineWithRestarts(cycles: try settings.count("num_cycles", 1, in: 1...1_000_000))
        default:
            self = .polynomial(
                power: try settings.number("power", 1, in: 0...1000),
                finalRate: try settings.number("lr_end", 1e-7, in: 0...1e30))
        }
    }

    /// The one line, with all settings.
    public var component: ComponentDescription {
        switch self {
        case .constant: ComponentDescription("constant")
        case .constantWithWarmup: ComponentDescription("constant_with_warmup")
        case .linear: ComponentDescription("linear")
        case .cosine(let cycles): ComponentDescription("cosine", ["num_cycles": .number(cycles)])
        case .cosineWithRestarts(let cycles):
            ComponentDescription("cosine_with_restarts", ["num_cycles": .number(Double(cycles))])
        case .polynomial(let power, let finalRate):
            ComponentDescription("polynomial", ["lr_end": .number(finalRate), "power": .number(power)])
        }
    }
}
