/// How many training pictures classes have, compared with what a batch takes of one.
public struct ClassSizes: Sendable, Hashable {
    /// Classes with training pictures.
    public let count: Int
    /// Of these, classes with fewer pictures than a batch takes of one: it takes some of them more than once.
    public let small: Int
    /// Of these, classes with one picture, which is then its own positive.
    public let single: Int

    /// Counts the classes whose `sizes` are not 0.
    init(_ sizes: some Sequence<Int32>, itemsPerClass: Int) {
        let sizes = sizes.filter { $0 > 0 }
        count = sizes.count
        small = sizes.count { $0 < itemsPerClass }
        single = sizes.count { $0 == 1 }
    }
}
