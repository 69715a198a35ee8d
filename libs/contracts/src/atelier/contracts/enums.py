"""Enum values that the HTTP contract shows in models of more than one service."""

from enum import StrEnum


class MediaResourceType(StrEnum):
    """What kind of file a media resource is."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


class MediaOrientation(StrEnum):
    """How a picture lies: wider than high is landscape."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    SQUARE = "square"


class Gender(StrEnum):
    """Gender of a subject."""

    MALE = "MALE"
    FEMALE = "FEMALE"


class SubjectType(StrEnum):
    """Whether a subject was generated or is a person who was photographed."""

    AI = "AI"
    REAL = "REAL"


class SubjectAgeClass(StrEnum):
    """Age group that a subject is shown as."""

    NEWBORN = "newborn"
    INFANT = "infant"
    TODDLER = "toddler"
    KID = "kid"
    TEEN = "teen"
    ADULT = "adult"
    SENIOR = "senior"


class BodyType(StrEnum):
    """Build of a subject."""

    SLIM = "slim"
    REGULAR = "regular"
    ATHLETIC = "athletic"
    CURVY = "curvy"
    PLUS_SIZE = "plus_size"
    PREGNANT = "pregnant"


class EyeColor(StrEnum):
    """Colour of a subject's eyes."""

    BROWN = "brown"
    BLUE = "blue"
    GREEN = "green"
    HAZEL = "hazel"
    GREY = "grey"
    AMBER = "amber"
    OTHER = "other"


class HairColor(StrEnum):
    """Colour of a subject's hair."""

    BLACK = "black"
    BROWN = "brown"
    BLONDE = "blonde"
    RED = "red"
    GREY = "grey"
    WHITE = "white"
    OTHER = "other"


class ProductGender(StrEnum):
    """Whom a product is made for; UNISEX goes with every subject."""

    MALE = "MALE"
    FEMALE = "FEMALE"
    UNISEX = "UNISEX"


class AgeClass(StrEnum):
    """Age group that a product is made for."""

    NEWBORN = "newborn"
    INFANT = "infant"
    TODDLER = "toddler"
    KID = "kid"
    TEEN = "teen"
    ADULT = "adult"
    SENIOR = "senior"


class ProductPlacement(StrEnum):
    """Where on the body a product is worn."""

    FULL_BODY = "FULL_BODY"
    UPPER_BODY = "UPPER_BODY"
    LOWER_BODY = "LOWER_BODY"
    FEET = "FEET"
    HEAD = "HEAD"
    ACCESSORY = "ACCESSORY"


class ProductShootingStatus(StrEnum):
    """Least advanced status over all shots of a product."""

    PENDING = "PENDING"
    PROPOSAL = "PROPOSAL"
    REJECTED = "REJECTED"
    POST_PROD = "POST_PROD"
    POST_PROD_REJECTED = "POST_PROD_REJECTED"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"


class ViewAngle(StrEnum):
    """Side from which a shot type looks at the subject."""

    FRONT = "front"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    THREE_QUARTER = "three_quarter"
    TOP = "top"


class ShotTypeFraming(StrEnum):
    """How much of the subject a shot type shows."""

    FULL_BODY = "full_body"
    UPPER_BODY = "upper_body"
    LOWER_BODY = "lower_body"
    CLOSE_UP = "close_up"
    DETAIL = "detail"


class DefaultShotTypes(StrEnum):
    """Names of the standard public shot types, there from the start."""

    FRONT_FULL_BODY = "front_full_body"
    BACK_FULL_BODY = "back_full_body"
    LEFT_FULL_BODY = "left_full_body"
    RIGHT_FULL_BODY = "right_full_body"
    FRONT_UPPER_BODY = "front_upper_body"
    BACK_UPPER_BODY = "back_upper_body"
    FRONT_LOWER_BODY = "front_lower_body"
    BACK_LOWER_BODY = "back_lower_body"
    FRONT_CLOSE_UP = "front_close_up"
    FRONT_DETAIL = "front_detail"


class BackgroundFixStrategy(StrEnum):
    """How a generated picture's background is brought in line with its preset."""

    DEFAULT = "DEFAULT"
    OVS = "OVS"


class GuidelinesShotTypeRuleKind(StrEnum):
    """Property of a product that a shot-type rule looks at."""

    PLACEMENT = "PLACEMENT"
    PRODUCT_TYPE = "PRODUCT_TYPE"
    CATEGORY = "CATEGORY"
    GENDER = "GENDER"


class ShootingStatus(StrEnum):
    """Computed status of a shooting; WITHOUT_STATUS has no looks."""

    DRAFT = "DRAFT"
    READY = "READY"
    WITHOUT_STATUS = "WITHOUT_STATUS"
    PENDING = "PENDING"
    PROPOSAL = "PROPOSAL"
    REJECTED = "REJECTED"
    POST_PROD = "POST_PROD"
    POST_PROD_REJECTED = "POST_PROD_REJECTED"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"


class ShootingLookStatus(StrEnum):
    """A look's own status: READY once its outfit is final."""

    DRAFT = "DRAFT"
    READY = "READY"


class OutfitGenerationStatus(StrEnum):
    """How far the stylist is with an outfit proposal."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class ShotStatus(StrEnum):
    """State of a shot, from least to most advanced."""

    PENDING = "PENDING"
    PROPOSAL = "PROPOSAL"
    REJECTED = "REJECTED"
    POST_PROD = "POST_PROD"
    POST_PROD_REJECTED = "POST_PROD_REJECTED"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"


class ShotRevisionStatus(StrEnum):
    """Verdict on a revision; VOIDED when a restore went behind it."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    VOIDED = "VOIDED"


class RevisionSource(StrEnum):
    """Where a revision's image came from."""

    PREDICTION = "PREDICTION"
    REFINE = "REFINE"
    UPLOAD = "UPLOAD"


class PushStatus(StrEnum):
    """How far the hand-over of a revision to an outside system is."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class GenerationStatus(StrEnum):
    """How far a generation is; it has ended in the last three."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class PredictionStatus(StrEnum):
    """How far one picture of a generation is."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ErrorCategory(StrEnum):
    """What kind of failure it was; the first three and an unavailable backend are worth another try."""

    TRANSIENT = "TRANSIENT"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    CONTENT_REFUSED = "CONTENT_REFUSED"
    INVALID_INPUT = "INVALID_INPUT"
    BACKEND_UNAVAILABLE = "BACKEND_UNAVAILABLE"
    INTERNAL = "INTERNAL"


class TaskStatus(StrEnum):
    """How far a background task is; it has ended in the last three."""

    PENDING = "PENDING"
    SCHEDULED = "SCHEDULED"
    PROCESSING = "PROCESSING"
    RETRYING = "RETRYING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ExportTaskType(StrEnum):
    """What an export task delivers."""

    APPROVED_SHOTS = "APPROVED_SHOTS"


class ShotStatusFilter(StrEnum):
    """What lists are narrowed to: the shots' own statuses, and those of looks without any."""

    PENDING = "PENDING"
    PROPOSAL = "PROPOSAL"
    REJECTED = "REJECTED"
    POST_PROD = "POST_PROD"
    POST_PROD_REJECTED = "POST_PROD_REJECTED"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    DRAFT = "DRAFT"
    READY = "READY"
    WITHOUT_STATUS = "WITHOUT_STATUS"


class ProductSortField(StrEnum):
    """What products are ordered by."""

    NAME = "name"
    SEASON = "season"
    YEAR = "year"
    GENDER = "gender"
    PRODUCT_TYPE = "product_type"
    SHOT_STATUS = "shot_status"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


class SortOrder(StrEnum):
    """Which end of an order comes first."""

    ASC = "asc"
    DESC = "desc"
