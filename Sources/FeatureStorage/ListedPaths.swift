import GRDB
import Tensors

/// The paths that a store names.
public struct ListedPaths: Sendable, Hashable {
    /// Of the pictures of the listing.
    public let pictures: [String]
    /// Of the files that gave no feature in some space.
    public let failures: [String]
}

extension IndexQueries {
    func listedPaths() throws -> ListedPaths {
        var folders: [Int64: String] = [:]
        try rows.forEach(.folders) { folders[$0[0]] = $0[1] as String }
        func path(_ folder: Int64, _ name: String) throws -> String {
            guard let folder = folders[folder] else { throw Self.damaged("the folder of \(name)") }
            return folder + name
        }
        var pictures: [String] = []
        try forEachImage { pictures.append(try path($0.folder, $0.name)) }
        var failures: Set<ExactText> = []
        try rows.forEach(.failures) { failures.insert(ExactText(try path($0[1], $0[2]))) }
        return ListedPaths(
            pictures: pictures.sorted(by: Self.precedes),
            failures: failures.map(\.text).sorted(by: Self.precedes))
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
