/// Which pictures judge a head and do not train it.
public enum ValidationChoice: Sendable, Hashable {
    /// Whole classes where there are enough of them, else pictures of every class.
    case automatic
    /// All pictures of some classes: how well the head does on classes that it has never seen.
    case classes
    /// Some pictures of every class: how well it does on new pictures of known classes.
    case items
    /// The pictures of a set.
    case pictures(PictureSet)
    /// None: nothing says how good the head is, nor when to stop.
    case none

    /// The fewest classes of which `automatic` holds out some.
    public static let fewestClasses = 10
}

extension ValidationChoice: CustomStringConvertible, Codable {
    /// `auto`, `classes`, `items`, `none`, or what names a set of pictures.
    public init(_ text: String) {
        switch text {
        case "auto": self = .automatic
        case "classes": self = .classes
        case "items": self = .items
        case "none": self = .none
        default: self = .pictures(PictureSet(text))
        }
    }

    /// The text that `init(_:)` reads.
    public var description: String {
        switch self {
        case .automatic: "auto"
        case .classes: "classes"
        case .items: "items"
        case .none: "none"
        case .pictures(let set): set.description
        }
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
