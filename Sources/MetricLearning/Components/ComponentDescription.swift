import Tensors

/// A loss, miner, optimizer or schedule with its settings in one line, under the names of the library that defines them:
/// `TripletMarginLoss(margin=0.2, distance=LpDistance(power=2))`. As text it is what a command line takes and what a record
/// keeps.
public struct ComponentDescription: Sendable, Hashable {
    /// The value of a setting.
    public indirect enum Argument: Sendable, Hashable {
        /// A number.
        case number(Double)
        /// `true` or `false`.
        case flag(Bool)
        /// A word such as `all`, which is a component without settings, or a component with its own.
        case component(ComponentDescription)
    }

    /// The component's name.
    public let name: String
    /// Its settings; those left out have their defaults.
    public let arguments: [String: Argument]

    /// A component with some settings.
    public init(_ name: String, _ arguments: [String: Argument] = [:]) {
        (self.name, self.arguments) = (name, arguments)
    }

    /// Reads `text`, such as `MultiSimilarityLoss(alpha=2, beta=40)`. Throws `InputError` that says where it cannot be read.
    public init(parsing text: String) throws {
        var parser = ComponentParser(text)
        self = try parser.whole()
    }

    /// Reads several with commas between: `SupConLoss, ArcFaceLoss(margin=20)`. Throws as `init(parsing:)` does.
    public static func list(parsing text: String) throws -> [ComponentDescription] {
        var parser = ComponentParser(text)
        return try parser.list()
    }
}

extension ComponentDescription: CustomStringConvertible {
    /// The text that `init(parsing:)` reads: settings in the order of their names.
    public var description: String {
        guard !arguments.isEmpty else { return name }
        let settings = arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(name)(\(settings.joined(separator: ", ")))"
    }
}

extension ComponentDescription.Argument: CustomStringConvertible {
    /// The value as it is written.
    public var description: String {
        switch self {
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        case .flag(let value): "\(value)"
        case .component(let component): component.description
        }
    }
}

extension ComponentDescription: Codable {
    /// Reads the one line.
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the one line.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
