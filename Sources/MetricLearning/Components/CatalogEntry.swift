import Tensors

/// Something that can be described in one line, for a list.
public struct CatalogEntry: Sendable, Hashable, CatalogNamed {
    /// The name, as its library has it.
    public let name: String
    /// What it is, in one line.
    public let summary: String
    /// The settings, with their defaults where the list says them, such as `margin=0.05`.
    public let settings: [String]

    /// The names of the settings.
    var known: [String] { settings.map { String($0.prefix { $0 != "=" }) } }
}

/// An entry of a catalog, which is found by its name.
protocol CatalogNamed {
    var name: String { get }
}

extension Array where Element: CatalogNamed {
    /// The entry called `name`. Throws `InputError` naming the known ones where there is none.
    func entry(_ kind: String, named name: String) throws -> Element {
        if let entry = first(where: { $0.name == name }) { return entry }
        throw InputError(
            "\(kind) \(name)", "is not known",
            remedy: "Choose one of \(map(\.name).joined(separator: ", ")).")
    }
}
