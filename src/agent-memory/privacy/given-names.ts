/**
 * Given names that are hardly ever another word, for text that says a name without a title or a cue
 * ("Anna reports dizziness"). Names that are words or tests too (May, Grace, Mark, Rey) are left to cues
 * and to the lists of a configuration.
 */
export const GIVEN_NAMES: ReadonlySet<string> = new Set(
  (
    "aaron abigail adam adrian agnes ahmed aisha alan albert alejandro alexander alexandra alfred " +
    "alice alison amanda amelia amir amy ana andrea andrew angela anita ann anna anne annie anthony " +
    "antonio arthur ashley barbara beatrice benjamin bernard beth betty beverly bob bobby brandon " +
    "brenda brian bruce carl carla carlos carmen carol caroline carolyn catherine cecilia charles " +
    "charlotte cheryl chloe chris christina christine christopher claire clara claudia colin " +
    "craig cynthia daniel danielle david deborah debra denise dennis diana diane diego dimitri " +
    "dmitri donald donna dorothy douglas edith edward eileen elaine eleanor elena elizabeth ellen " +
    "emily emma eric ernest esther ethan eugene eva evelyn fatima felix fernando fiona florence " +
    "frances francis francisco frederick gabriel gary geoffrey george gerald gertrude gladys " +
    "gloria gordon greta gregory hannah harold harriet hassan heather heinrich helen helena helga " +
    "henry herbert howard hugh ian ibrahim ingrid irene isaac isabel isabella ivan jack jacob " +
    "jacqueline james jane janet janice jasmine jason javier jean jeffrey jennifer jeremy jerry " +
    "jessica jill jim joan joanna joe johann johanna john johnny jonathan jose joseph joshua juan " +
    "judith judy julia julian julie justin karen karl katherine kathleen kathryn katie keiko keith " +
    "kelly kenneth kenji kevin khalid kimberly klaus kyle larry laura lauren lawrence leah leonard " +
    "leslie lillian linda lisa lois lorraine louis louise lucas lucia lucy luis lukas lydia " +
    "madison malcolm manuel marcus margaret maria marie marilyn mario marion marjorie marta martha " +
    "martin mary matthew maureen megan mehmet melissa michael michelle miguel mildred mohamed " +
    "mohammed monica muhammad nancy natalie natasha nathan nicholas nicole nina noah nora norman " +
    "olga oliver olivia oscar pamela patricia patrick paul paula pauline pedro peggy peter philip " +
    "phyllis priya rachel rajesh ralph ramon raymond rebecca ricardo richard robert roberto " +
    "roger ronald rosemary roy russell ruth ryan samantha samuel sandra sara sarah scott sergei " +
    "sharon sheila shirley simon sofia sophia sophie stanley stephanie stephen steven stuart susan " +
    "suzanne sylvia tamara teresa theodore theresa thomas timothy tina tobias todd tyler valerie " +
    "vera veronica victoria vincent virginia vivian vladimir walter wanda wayne wendy werner " +
    "william winifred wolfgang yolanda yuki yusuf yvonne zachary zoe"
  ).split(" "),
);
