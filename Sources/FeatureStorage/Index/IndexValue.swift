import Foundation
import GRDB
import Tensors

/// A value of the index.
enum IndexValue: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    case null
    case integer(Int64)
    case text(String)
    case blob(Data)

    init(integerLiteral value: Int64) { self = .integer(value) }
    init(stringLiteral value: String) { self = .text(value) }

    static func integer(_ value: Int) -> IndexValue { .integer(Int64(value)) }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): value.databaseValue
        }
    }
}
