import Tensors

/// Contents by their numbers in the index. Numbers have gaps where features were collected as garbage.
struct ContentKeys {
    private let numbers: [UInt32]
    private let keys: [Fingerprint]

    init(_ pairs: some Sequence<(UInt32, Fingerprint)>) {
        let sorted = pairs.sorted { $0.0 < $1.0 }
        (numbers, keys) = (sorted.map(\.0), sorted.map(\.1))
    }

    /// The content with that number; nil where there is none.
    subscript(number: Int64) -> Fingerprint? {
        guard let number = UInt32(exactly: number) else { return nil }
        let position = numbers.firstPosition { $0 >= number }
        return position < numbers.count && numbers[position] == number ? keys[position] : nil
    }
}
